package configs

import (
	"errors"
	"strings"
	"testing"
)

const channel = "{name: a, provider: twilio, secret: s}"

// TestRefuses names the exact key of every bad value.
func TestRefuses(t *testing.T) {
	for _, c := range []struct{ yaml, want string }{
		{"public: {base_url: tips.example.org}", "public.base_url: must be an absolute http(s) URL"},
		{"public: {base_url: 'ftp://x'}", "public.base_url: must be"},
		{"public: {base_url: 'https://x/?a=1'}", "public.base_url: must be"},
		{"public: {base_url: 'https://x/#a'}", "public.base_url: must be"},
		{"public: {base_url: 'https://u:p@x'}", "public.base_url: must be"},
		{"public: {base_url: ''}", "public.base_url: must be"},
		{"public: {base_url: 'https://举报.example.org'}", "public.base_url: must be"},
		{"public: {base_url: 'https://x:99999'}", "public.base_url: must be"},
		{"public: {base_url: 'https://x:'}", "public.base_url: must be"},
		{"public: {base_url: 'https:///tips'}", "public.base_url: must be"},
		{"public: {base_url: 'https://x/<b>'}", "public.base_url: must be"},
		{"desk: {base_url: 'https://x?'}", "desk.base_url: must be"},
		{"public: {addr: 'my host:80'}", "public.addr: must be host:port"},
		{"public: {addr: ':+80'}", "public.addr: must be host:port"},
		{"public: {addr: '8080'}", "public.addr: must be host:port"},
		{"public: {addr: ':99999'}", "public.addr: must be host:port"},
		{"public: {addr: ':http'}", "public.addr: must be host:port"},
		{"public: {proxies: [10.0.0.0/8, balancer]}", "public.proxies[1]: must be an IP address or a range"},
		{"public: {proxies: 10.0.0.0/8}", "public.proxies: must be a list"},
		{"public: on", "public: must be a section of keys: addr, base_url, proxies"},
		{`map: {tiles: "http://tiles.example.org/{z}/{x}/{y}.png"}`, "map.tiles: must be a folder"},
		{`map: {tiles: "https://tiles.example.org/{z}/{x}.png"}`, "map.tiles: must be a folder"},
		{"map: {tiles: /nowhere/at/all}", "map.tiles: must be a folder"},
		{"map: {datum: utm}", "map.datum: must be"},
		{"desk: {second_factor: always}", "desk.second_factor: must be"},
		{"desk: {proxies: [balancer]}", "desk.proxies[0]: must be an IP address or a range"},
		{"desk: {addr: '127.0.0.1:8080'}", "desk.addr: is the same as public.addr"},
		{"smtp: {recipients: []}", "smtp.recipients: must be at least one entry"},
		{"smtp: {recipients: ['Tips <t@x.org>']}", "smtp.recipients[0]: must be one mail address alone"},
		{"smtp: {domain: ''}", "smtp.domain: is required"},
		{"smtp: {max_bytes: 10}", "smtp.max_bytes: must be at least 65536"},
		{"smtp: {max_bytes: 35MB}", "smtp.max_bytes: must be a whole number"},
		{"smtp: {max_bytes: 1.5}", "smtp.max_bytes: must be a whole number"},
		{"smtp: {lmtp: perhaps}", "smtp.lmtp: must be true or false"},
		{"smtp: {relay: 'http://x'}", "smtp.relay: must be host:port"},
		{"smtp: {from: nobody}", "smtp.from: must be one mail address"},
		{"tls: {cert: refuse_test.go}", "tls.key: is required: tls.cert and tls.key go together"},
		{"tls: {cert: none.pem, key: refuse_test.go}", "tls.cert: cannot be read"},
		{"tls: {hosts: ['not a host']}", "tls.hosts[0]: must be a host name"},
		{"tls: {cert: refuse_test.go, key: refuse_test.go, hosts: [a.example.org]}", "tls.hosts: cannot stand beside tls.cert"},
		{"tls: {hosts: [a.example.org], directory: 'http://ca.example.org/dir'}", "tls.directory: must be an https URL"},
		{"tls: {hosts: [a.example.org], ca: none.pem}", "tls.ca: cannot be read"},
		{"tls: {hosts: [a.example.org], eab: {key_id: a}}", "tls.eab: needs key_id and key together"},
		{"tls: {hosts: [a.example.org], eab: {key_id: a, key: 'not base64!'}}", "tls.eab.key: isn't base64"},
		{"tls: {redirect: '127.0.0.1:80'}", "tls.redirect: leads to public.base_url, which must begin with https://"},
		{"{public: {base_url: 'https://a.example.org'}, tls: {redirect: '127.0.0.1:8080'}}", "tls.redirect: is the same as public.addr"},
		{"database: mysql://x/y", "database: must be empty or a postgres:// URL"},
		{"ledger: {database: sqlite.db}", "ledger.database: must be empty or a postgres:// URL"},
		{"redis: redis://10.1.2.3:6379", "redis: must be redis://, rediss:// or unix://; on another machine it needs a password"},
		{"redis: rediss://redis.example.org", "redis: must be"},
		{"redis: redis://user@redis.example.org", "redis: must be"},
		{"redis: localhost:6379", "redis: must be"},
		{"redis: redis://127.0.0.1:6379?addr=10.1.2.3:6379", "redis: must be"},
		{"redis: redis://:sentinel@10.1.2.3:26379?master_name=m", "redis: must be"},
		{"redis: redis://:pw@10.1.2.3:6379?addr=here", "redis: must be"},
		{"redis: rediss://:pw@10.1.2.3:6379?skip_verify=true", "redis: must be"},
		{"redis: unix:///run/redis.sock?addr=10.1.2.3:6379", "redis: must be"},
		{"limits: {origin_soft_per_hour: 0}", "limits.origin_soft_per_hour: must be at least 1"},
		{"limits: {origin_soft_per_hour: 700}", "limits.origin_soft_per_hour: must not be above the hard limit"},
		{"limits: {global_hard_per_minute: 99999999999999999999}", "limits.global_hard_per_minute: must be a whole number"},
		{"files: {max_count: 101}", "files.max_count: must be at most 100"},
		{"files: {max_bytes: 1}", "files.max_bytes: must be at least 1024"},
		{"spool: {max_bytes: 1048575}", "spool.max_bytes: must be at least 1048576"},
		{"spool: {max_bytes: 1099511627777}", "spool.max_bytes: must be at most 1099511627776"},
		{"spool: {max_bytes: 256MB}", "spool.max_bytes: must be a whole number"},
		{"spool: {enabled: sometimes}", "spool.enabled: must be true or false"},
		{"refusal_review: never", "refusal_review: must be one of: before, after, sample"},
		{"refusal_review: ''", "refusal_review: must be one of: before, after, sample"},
		{"refusal_sample: 0", "refusal_sample: must be at least 1"},
		{"refusal_sample: 1001", "refusal_sample: must be at most 1000"},
		{"spool: true", "spool: must be a section of keys: enabled, max_bytes"},
		{"{spool: {enabled: true}, smtp: {addr: ''}}", "spool.enabled: keeps mail and SMS alone, and neither comes in"},
		{"pack: moon", "pack: no such pack"},
		{"pack: ''", "pack: is required"},
		{"languages: []", "languages: must be at least one entry"},
		{"languages: [en, fr]", "languages[1]: must be one of: zh-CN, en"},
		{"languages: [en, en]", "languages: holds an entry (or a name) twice"},
		{"languages: [en, null]", "languages[1]: must be one of"},
		{"office: {timezone: Mars/Olympus}", "office.timezone: must be a time zone's name"},
		{"office: {emergency: ['']}", "office.emergency[0]: is required"},
		{"notify: {mail: [a@example.org]}", "notify.mail: needs smtp.relay"},
		{"{notify: {mail: [a]}, smtp: {relay: 'm:25'}}", "notify.mail[0]: must be one mail address"},
		{"sms: [" + channel + ", " + channel + "]", "sms: holds an entry (or a name) twice"},
		{"sms: [{name: City!, provider: twilio, secret: s}]", "sms[0].name: must be 1 to 40 of a-z, 0-9 and -"},
		{"sms: [{provider: twilio, secret: s}]", "sms[0].name: must be"},
		{"sms: [{name: a, provider: pigeon, secret: s}]", "sms[0].provider: this version speaks only twilio, standard, aliyun, android, "},
		{"sms: [{name: a, provider: smoke, secret: s}]", "sms[0].provider: this version speaks only"},
		{"sms: [{name: a, provider: twilio, secret: []}]", "sms[0].secret: "},
		{"sms: [{name: a, provider: twilio}]", "sms[0].secret: must be at least one entry"},
		{"sms: [{name: a, provider: twilio, secret: ''}]", "sms[0].secret: is empty"},
		{"sms: [{name: a, provider: twilio, secret: [s, '']}]", "sms[0].secret[1]: is empty"},
		{"sms: [{name: a, provider: twilio, secret: {a: b}}]", "sms[0].secret: must be one text"},
		{"sms: [{name: a, provider: twilio, secret: s, ack: loud}]", "sms[0].ack: must be one of: neutral, receipt, none"},
		{"sms: [{name: a, provider: twilio, secret: s, url: /hooks}]", "sms[0].url: must be an absolute"},
		{"sms: [{name: a, provider: twilio, secret: s, url: 'https://x/#a'}]", "sms[0].url: must be an absolute"},
		{"sms: [{name: a, provider: twilio, secret: s, allow: [everywhere]}]", "sms[0].allow[0]: must be an IP address or a range"},
		{"sms: [{name: a, provider: custom, secret: s, custom: {format: xml}}]", "sms[0].custom.format: must be one of: form, json, get"},
		{"sms: [{name: a, provider: custom, secret: s, custom: {success: {status: 302}}}]", "sms[0].custom.success.status: must be at most 299"},
		{"sms: [null]", "sms[0]: is empty"},
		{"mail: [{name: a, provider: exchange, host: 'h:1', user: u, secret: s}]", "mail[0].provider: this version speaks only imap, pop3, mailgun, postmark, sendgrid, ses"},
		{"mail: [{name: a, provider: mailgun}]", "mail[0].secret: must be at least one entry"},
		{"mail: [{name: a, provider: ses, topic: tips}]", "mail[0].topic: must be the ARN"},
		{"mail: [{name: a, provider: imap, secret: s, user: u}]", "mail[0].host: must be a host"},
		{"mail: [{name: a, provider: imap, secret: s, host: h}]", "mail[0].user: is required"},
		{"mail: [{name: a, provider: imap, host: h, user: u}]", "mail[0].secret: must be at least one entry"},
		{"mail: [{name: a, provider: imap, host: h, user: u, secret: s, poll: 1s}]", "mail[0].poll: must be at least 10s"},
		{"mail: [{name: a, provider: imap, host: h, user: u, secret: s, after: burn}]", "mail[0].after: must be one of: keep, move, delete"},
		{"mail: [{name: a, provider: pop3, host: h, user: u, secret: s, after: move}]", "mail[0].after: POP3 knows no folders"},
		{"mail: [{name: a, provider: imap, host: h, user: u, secret: s, folder: inbox}]", "mail[0].folder: is where messages are taken from"},
		{"redis: env:NOT_THERE", "redis: the environment variable it names"},
		{"redis: file:/dev/zero", "redis: the file it names with file: is larger than 64 KiB"},
		{"redis: file:none/such", "redis: the file it names with file: cannot be read"},

		{"pubic: {}", "pubic: unknown key; known here: public, desk"},
		{"public: {url: x}", "public.url: unknown key; known here: addr, base_url, proxies"},
		{"limits: {origin: {soft: 1}}", "limits.origin: unknown key"},
		{"ledger: {database: '', datbase: ''}", "ledger.datbase: unknown key"},
		{"sms: [" + channel + ", {name: b, provider: twilio, secret: s, token: t}]", "sms[1].token: unknown key; known here: name, provider"},
		{"office: {name: {de: x}}", "office.name.de: unknown key; known here: zh-CN, en"},
		{"pack: farmland\npack: farmland", "pack: is written twice"},
		{"public: [", "configuration file: is not YAML: line"},
		{"[]", "configuration file: must be a section of keys"},
		{"pack: farmland\n---\npack: farmland", "configuration file: holds a second document"},
	} {
		_, err := parse([]byte(c.yaml), nil)
		if !errors.Is(err, ErrConfig) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s\n got %v\nwant %s", c.yaml, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: one mistake, several problems: %v", c.yaml, err)
		}
	}
}

func TestRefusesVariables(t *testing.T) {
	for _, c := range []struct{ variable, want string }{
		{"TIPLINE_PUBLIC_URL=x", "TIPLINE_PUBLIC_URL: no such key"},
		{"TIPLINE_PUBLIC={}", "TIPLINE_PUBLIC: no such key"},
		{"TIPLINE_LIMITS_ENABLED=maybe", "limits.enabled: must be true or false"},
		{"TIPLINE_SMTP_MAX_BYTES=lots", "smtp.max_bytes: must be a whole number"},
		{"TIPLINE_LANGUAGES=en,zh-CN", "languages: must be a list"},
		{"TIPLINE_LANGUAGES=[", "languages: TIPLINE_LANGUAGES must be JSON"},
		{`TIPLINE_SMS=[{"name":"a","provider":"twilio","secret":"s","key":1}]`, "sms[0].key: unknown key"},
		{"TIPLINE_PUBLIC_BASE_URL=x", "public.base_url: must be an absolute"},
	} {
		_, err := parse(nil, []string{c.variable})
		if !errors.Is(err, ErrConfig) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s\n got %v\nwant %s", c.variable, err, c.want)
		}
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	_, err := parse([]byte("nope: 1\npublic: {addr: x}\nlimits: {enabled: 7}\nsms: [{name: A}]\nmail: [{poll: 60}, {name: b, provider: mailgun, secret: s, poll: 60s}]"), []string{"TIPLINE_NOPE=1"})
	for _, key := range []string{"nope:", "public.addr:", "limits.enabled:", "sms[0].name:", "sms[0].provider:", "sms[0].secret:", "mail[0].poll:", "TIPLINE_NOPE:"} {
		if err == nil || !strings.Contains("\n"+err.Error(), "\n"+key) {
			t.Errorf("%s is not reported: %v", key, err)
		}
	}
	if strings.Contains(err.Error(), "mail[1]") {
		t.Errorf("60s is a time: %v", err)
	}
	var p *Problem
	if !errors.As(err, &p) || p.Key != "nope" {
		t.Errorf("no Problem in %v", err)
	}
}

func TestAccepts(t *testing.T) {
	for _, yaml := range []string{
		"redis: redis://localhost:6379", "redis: redis://127.0.0.1", "redis: 'redis://[::1]:6379/2'",
		"redis: redis://:pw@10.1.2.3:6379", "redis: rediss://u:pw@redis.example.org", "redis: unix:///run/redis.sock",
		"redis: redis://:pw@10.1.2.3:6379?addr=10.1.2.4:6379&addr=10.1.2.5:6379", "redis: redis://127.0.0.1:7000?addr=127.0.0.1:7001",
		"redis: redis://10.1.2.3:26379?master_name=m&addr=10.1.2.4:26379&password=pw", "redis: redis://127.0.0.1:26379?master_name=m",
		"database: postgres://u:p@db.example.org/t?sslmode=verify-full", "database: 'postgres:///t?host=/run/postgresql'",
		"public: {base_url: 'https://example.org/tips/line///'}", "public: {addr: '[::1]:0'}",
		"{public: {addr: ''}, desk: {addr: ''}, smtp: {addr: ''}, ops: {addr: ''}}",
		"{public: {addr: ':0'}, desk: {addr: ':0'}, ops: {addr: ':0'}}",
		"public: {proxies: [10.0.0.1, 'fd00::/8']}", "smtp: {relay: 'smtps://u:p@mail.example.org:465'}",
		"smtp:\n", "limits: {enabled: off}",
		"sms: [{name: a, provider: aliyun, secret: s, url: 'https://x.example/hooks/sms/a?key=k'}]",
		"tls: {cert: refuse_test.go, key: refuse_test.go}", "tls: {hosts: [tips.example.org]}",
		"{public: {base_url: 'https://a.example.org'}, tls: {hosts: [a.example.org], directory: 'https://ca.example.org/acme/acme/directory', ca: refuse_test.go, redirect: ':80'}}",
		"pack: packs/farmland",
	} {
		if _, err := parse([]byte(yaml), nil); err != nil {
			t.Errorf("%s: %v", yaml, err)
		}
	}
}
