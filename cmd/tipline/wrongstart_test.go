package main

import (
	"slices"
	"strings"
	"testing"

	"tipline/intake/servertest"
)

// refuses wants a start with one more setting to end with one clear line in either
// language, which shows no secret.
func (in *instance) refuses(setting, english, chinese string) {
	in.t.Helper()
	for lang, want := range map[string]string{"C": english, "zh_CN.UTF-8": chinese} {
		twin := *in
		twin.env = append(slices.Clone(in.env), "LANG="+lang)
		if setting != "" {
			twin.env = append(twin.env, setting)
		}
		out, err := twin.try("up")
		if err == nil || !strings.Contains(out, want) || strings.Count(out, "\n") != 1 {
			in.t.Errorf("%s: want %q: %v\n%s", lang, want, err, out)
		}
		for _, secret := range []string{"wrong-password", servertest.PostgresPassword, servertest.RedisPassword} {
			if strings.Contains(out, secret) {
				in.t.Errorf("a password is shown: %s", out)
			}
		}
	}
}

// swapKey puts one role's key in another's place, as somebody who writes the database could.
const swapKey = `UPDATE role_keys SET recipient = (SELECT recipient FROM role_keys WHERE role = 'custodian') WHERE role = 'desk:main'`

// TestWrongStart: a wrong setting, or a key that was swapped, stops the start with one
// clear line that doesn't show the password.
func TestWrongStart(t *testing.T) {
	t.Parallel()
	server, redis := servertest.StartPostgres(t), servertest.StartRedis(t)
	database, err := server.Database()
	if err != nil {
		t.Fatal(err)
	}
	in := install(t, "TIPLINE_DATABASE="+database)
	for _, c := range [][3]string{
		{"TIPLINE_DATABASE=" + server.URL("postgres", "wrong-password", "t1"), "check the user and the password", "核对用户和口令"},
		{"TIPLINE_DATABASE=" + server.URL("postgres", servertest.PostgresPassword, "none"), `has no database "none"`, `没有数据库 "none"`},
		{"TIPLINE_DATABASE=postgres://postgres:wrong-password@127.0.0.1:1/t1", "doesn't answer", "没有应答"},
		{"TIPLINE_DATABASE=postgres://postgres:wrong-password@127.0.0.1/t1?sslmode=nonsense", "must look like postgres://", "应写成 postgres://"},
		{"TIPLINE_DATABASE=mysql://root:wrong-password@127.0.0.1/t1", "database", "必须留空"},
		{"TIPLINE_LEDGER_DATABASE=" + server.URL("postgres", "wrong-password", "t1"), "ledger.database: ", "ledger.database：PostgreSQL"},
		{"TIPLINE_REDIS=redis://192.0.2.1:6379/0", "it needs a password", "必须有密码"},
		{"TIPLINE_REDIS=redis://:wrong-password@" + redis.Addr + "/0", "refuses the user or the password", "拒绝用户或密码：请在 URL 中改正"},
		{"TIPLINE_REDIS=rediss://:" + servertest.RedisPassword + "@" + redis.Addr + "/0", "TLS doesn't fit", "TLS 设置不符"},
		{"TIPLINE_PUBLIC_ADRESS=127.0.0.1:1", "TIPLINE_PUBLIC_ADRESS", "TIPLINE_PUBLIC_ADRESS："},
	} {
		in.refuses(c[0], c[1], c[2])
	}
	if err := server.Exec(t.Context(), "t1", swapKey); err != nil {
		t.Fatal(err)
	}
	in.refuses("", "a key was swapped", "有一把密钥被调换：desk:main 第 1 版")

	small := install(t)
	if _, err := small.sqlite().Exec(swapKey); err != nil {
		t.Fatal(err)
	}
	small.refuses("", "a key was swapped", "有一把密钥被调换：desk:main 第 1 版")
}
