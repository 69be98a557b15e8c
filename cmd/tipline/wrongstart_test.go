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
		{"TIPLINE_DATABASE=" + server.URL("postgres", "wrong-password", "t1"), "check the user and the password", "数据库拒绝该用户或口令"},
		{"TIPLINE_DATABASE=" + server.URL("postgres", servertest.PostgresPassword, "none"), `has no database "none"`, "没有这个数据库"},
		{"TIPLINE_DATABASE=postgres://postgres:wrong-password@127.0.0.1:1/t1", "doesn't answer", "数据库没有应答"},
		{"TIPLINE_DATABASE=postgres://postgres:wrong-password@127.0.0.1/t1?sslmode=nonsense", "must look like postgres://", "数据库地址写法有误"},
		{"TIPLINE_DATABASE=mysql://root:wrong-password@127.0.0.1/t1", "database", "配置有误"},
		{"TIPLINE_LEDGER_DATABASE=" + server.URL("postgres", "wrong-password", "t1"), "ledger.database: ", "ledger.database: "},
		{"TIPLINE_REDIS=redis://192.0.2.1:6379/0", "redis", "配置有误"},
		{"TIPLINE_REDIS=redis://:wrong-password@" + redis.Addr + "/0", "refuses the user or the password", "Redis 拒绝该用户或密码"},
		{"TIPLINE_REDIS=rediss://:" + servertest.RedisPassword + "@" + redis.Addr + "/0", "TLS doesn't fit", "TLS 设置不符"},
		{"TIPLINE_PUBLIC_ADRESS=127.0.0.1:1", "TIPLINE_PUBLIC_ADRESS", "配置有误"},
	} {
		in.refuses(c[0], c[1], c[2])
	}
	if err := server.Exec(t.Context(), "t1", swapKey); err != nil {
		t.Fatal(err)
	}
	in.refuses("", "a key was swapped", "角色密钥被调换")

	small := install(t)
	if _, err := small.sqlite().Exec(swapKey); err != nil {
		t.Fatal(err)
	}
	small.refuses("", "a key was swapped", "角色密钥被调换")
}
