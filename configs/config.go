package configs

import (
	"encoding/base64"
	"strings"
	"time"
)

// Config is the whole configuration. Its keys are the koanf tags joined by dots ("public.base_url");
// the environment variable of a key is TIPLINE_ and the path in capitals (TIPLINE_PUBLIC_BASE_URL).
// A Config returned by Load is complete, checked, and its secrets are resolved.
type Config struct {
	Public    Public   `koanf:"public"`
	Desk      Console  `koanf:"desk"`
	Map       Map      `koanf:"map"`
	SMTP      SMTP     `koanf:"smtp"`
	Ops       Ops      `koanf:"ops"`
	TLS       TLS      `koanf:"tls"`
	Database  Secret   `koanf:"database" validate:"omitempty,database"` // empty: SQLite in the data directory
	Ledger    Ledger   `koanf:"ledger"`
	Update    Update   `koanf:"update"`
	Redis     Secret   `koanf:"redis" validate:"omitempty,redis"` // empty: limits in process, the outbox as queue
	Limits    Limits   `koanf:"limits"`
	Files     Files    `koanf:"files"`
	Spool     Spool    `koanf:"spool"`
	Pack      string   `koanf:"pack" validate:"required"`              // an embedded pack, or the path of a directory
	Desks     []string `koanf:"desks" validate:"unique,dive,required"` // of the pack's desks, those that work here beside the first
	Languages []string `koanf:"languages" validate:"min=1,unique,dive,oneof=zh-CN en zh-TW ug ar"`
	Office    Office   `koanf:"office"`
	Footer    Footer   `koanf:"footer"`
	Notify    Notify   `koanf:"notify"`
	Alerts    Alerts   `koanf:"alerts"`
	// RefusalReview is when a refusal (declined, spam) meets its second reviewer: before it takes effect,
	// after, or after and one in RefusalSample alone.
	RefusalReview string    `koanf:"refusal_review" validate:"oneof=before after sample"`
	RefusalSample int       `koanf:"refusal_sample" validate:"min=1,max=1000"`
	Retention     Retention `koanf:"retention"`
	SMS           []SMS     `koanf:"sms" validate:"unique=Name,dive"`
	Mail          []Mail    `koanf:"mail" validate:"unique=Name,dive"`
}

// Public is the citizens' listener: site, JSON API and the gateways' hooks.
type Public struct {
	Addr    string   `koanf:"addr" validate:"omitempty,listen"` // host:port; empty turns it off
	BaseURL string   `koanf:"base_url" validate:"base_url"`     // as citizens type it, path prefix allowed, no trailing slash
	Proxies []string `koanf:"proxies" validate:"dive,proxy"`    // IPs or CIDRs whose X-Forwarded-For counts
}

// Console is the handlers' console.
type Console struct {
	Addr         string   `koanf:"addr" validate:"omitempty,listen"`
	BaseURL      string   `koanf:"base_url" validate:"base_url"`
	Proxies      []string `koanf:"proxies" validate:"dive,proxy"`
	SecondFactor string   `koanf:"second_factor" validate:"oneof=optional required"` // required: who has none can only enrol
}

// Map is what lies under the desk's map. Without tiles it draws villages alone and asks nobody.
type Map struct {
	// Tiles is the path of a folder of Z/X/Y pictures or of an MBTiles file, or an https URL with {z}, {x} and {y}:
	// whoever serves that one learns which area the desk looks at.
	Tiles       string `koanf:"tiles" validate:"omitempty,tiles"`
	Attribution string `koanf:"attribution" validate:"max=200"` // whose map it is, as its licence wants it shown
	Datum       string `koanf:"datum" validate:"oneof=wgs84 cgcs2000 gcj02 bd09"`
}

// SMTP is the mail server that receives tips, and the relay through which mail leaves.
type SMTP struct {
	Addr       string   `koanf:"addr" validate:"omitempty,listen"`
	Domain     string   `koanf:"domain" validate:"required,hostname_rfc1123"`
	Recipients []string `koanf:"recipients" validate:"min=1,unique,dive,mailbox"`
	MaxBytes   int64    `koanf:"max_bytes" validate:"min=65536,max=1073741824"` // of one message; RFC 5321 §4.5.3.1.7
	LMTP       bool     `koanf:"lmtp"`
	Relay      Secret   `koanf:"relay" validate:"omitempty,relay"`  // smtp[s]://[user:password@]host[:port]; empty: nothing is sent
	From       string   `koanf:"from" validate:"omitempty,mailbox"` // used where a relay refuses <>
	// CheckSenders looks a sender's domain up in DNS and shows the handler whether it vouches for a message.
	CheckSenders bool `koanf:"check_senders"`
}

// Ops is the listener for health and metrics.
type Ops struct {
	Addr string `koanf:"addr" validate:"omitempty,listen"`
	// Desk is whose tips the numbers count; empty: the first desk's. Whoever reads them mustn't learn from
	// a total that another desk has a tip.
	Desk string `koanf:"desk"`
}

// TLS is a certificate from files, or names for which one is fetched (ACME).
type TLS struct {
	Cert      string   `koanf:"cert" validate:"required_with=Key,omitempty,file"`
	Key       string   `koanf:"key" validate:"required_with=Cert,omitempty,file"`
	Hosts     []string `koanf:"hosts" validate:"dive,fqdn"`
	Directory string   `koanf:"directory" validate:"omitempty,send_url"` // of the ACME server; empty: Let's Encrypt's
	CA        string   `koanf:"ca" validate:"omitempty,file"`            // PEM: the only authorities that may vouch for the ACME server
	EAB       EAB      `koanf:"eab"`
	Redirect  string   `koanf:"redirect" validate:"omitempty,listen"` // leads plain HTTP to public.base_url, and answers ACME's http-01
}

// EAB ties the ACME account to one that the office has with the authority (RFC 8555 §7.3.4). Let's Encrypt wants none.
type EAB struct {
	KeyID string `koanf:"key_id" validate:"max=500"`
	Key   Secret `koanf:"key"` // base64, as the authority shows it
}

// HMAC is the key itself.
func (e EAB) HMAC() ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(e.Key.Value()), "="))
}

// Ledger is where the working ledger lives.
type Ledger struct {
	Database Secret `koanf:"database" validate:"omitempty,database"` // empty: the tips' own database
}

// Update is what a start does when the tables are an older program's. Copy keeps what they hold in the
// data folder before they are changed; who turns it off makes a copy by other means.
type Update struct {
	Copy bool `koanf:"copy"`
}

// Limits are the most submissions that are taken. Over a soft limit a tip is kept in the held lane;
// over a hard one it is refused with Retry-After.
type Limits struct {
	Enabled              bool `koanf:"enabled"`
	OriginSoftPerHour    int  `koanf:"origin_soft_per_hour" validate:"min=1,ltefield=OriginHardPerHour"`
	OriginHardPerHour    int  `koanf:"origin_hard_per_hour" validate:"min=1"`
	SenderSoftPerHour    int  `koanf:"sender_soft_per_hour" validate:"min=1,ltefield=SenderHardPerHour"`
	SenderHardPerHour    int  `koanf:"sender_hard_per_hour" validate:"min=1"`
	GatewaySoftPerMinute int  `koanf:"gateway_soft_per_minute" validate:"min=1,ltefield=GatewayHardPerMinute"`
	GatewayHardPerMinute int  `koanf:"gateway_hard_per_minute" validate:"min=1"`
	GlobalSoftPerMinute  int  `koanf:"global_soft_per_minute" validate:"min=1,ltefield=GlobalHardPerMinute"`
	GlobalHardPerMinute  int  `koanf:"global_hard_per_minute" validate:"min=1"`
	ReceiptTriesPerHour  int  `koanf:"receipt_tries_per_hour" validate:"min=1"` // looks at receipts, from one origin
	FormSeconds          int  `koanf:"form_seconds" validate:"min=0,max=60"`    // a form that comes back sooner is held
}

// Files are the caps on what one report may carry.
type Files struct {
	MaxCount int   `koanf:"max_count" validate:"min=0,max=100"`
	MaxBytes int64 `koanf:"max_bytes" validate:"min=1024,max=1073741824"` // of one file
}

// Spool is where the sealed tips of mail and SMS wait on this machine's disk while the database is away.
// Off, their senders are asked to come back later.
type Spool struct {
	Enabled  bool  `koanf:"enabled"`
	MaxBytes int64 `koanf:"max_bytes" validate:"min=1048576,max=1099511627776"` // of all that waits; above it senders are asked to come back
}

// Office is what the pages say about who receives the tips. What is empty here comes from the pack.
type Office struct {
	Name      Text     `koanf:"name" yaml:"name" validate:"dive,keys,oneof=zh-CN en zh-TW ug ar,endkeys,required"`
	Timezone  string   `koanf:"timezone" yaml:"timezone" validate:"omitempty,timezone"` // IANA name
	Phone     string   `koanf:"phone" yaml:"phone"`
	Hours     Text     `koanf:"hours" yaml:"hours" validate:"dive,keys,oneof=zh-CN en zh-TW ug ar,endkeys,required"`
	Emergency []string `koanf:"emergency" yaml:"emergency" validate:"dive,required"` // numbers to dial when somebody is in danger
}

// Footer holds the numbers a Chinese site must show at its foot, and its sponsor.
type Footer struct {
	ICP      string `koanf:"icp"`       // ICP备案号
	Police   string `koanf:"police"`    // 公安备案号
	Sponsor  string `koanf:"sponsor"`   // 主办单位
	SiteMark string `koanf:"site_mark"` // 网站标识码
}

// Notify names who hears that a new tip is there; the notice carries no content.
type Notify struct {
	Mail []string `koanf:"mail" validate:"unique,dive,mailbox"`
}

// Alerts say who hears at once that an urgent tip waits, and each working morning how many dates are
// over or near; an alert says no more. They tell of the first desk's tips.
type Alerts struct {
	Mail    []string     `koanf:"mail" validate:"unique,dive,mailbox"`
	Digest  bool         `koanf:"digest"` // the morning's counts, at every desk that hears anything
	Webhook AlertWebhook `koanf:"webhook"`
	// Desks are who hears of further desks' tips. Of a desk that isn't here nobody does:
	// that there is one is that desk's to know.
	Desks []DeskAlerts `koanf:"desks" validate:"unique=Desk,dive"`
}

// DeskAlerts are a further desk's.
type DeskAlerts struct {
	Desk    string       `koanf:"desk" validate:"required"`
	Mail    []string     `koanf:"mail" validate:"unique,dive,mailbox"`
	Webhook AlertWebhook `koanf:"webhook"`
}

// At are who hears of a desk's tips: of the first one's with "".
func (a Alerts) At(desk string) DeskAlerts {
	if desk == "" {
		return DeskAlerts{Mail: a.Mail, Webhook: a.Webhook}
	}
	for _, d := range a.Desks {
		if d.Desk == desk {
			return d
		}
	}
	return DeskAlerts{}
}

// Retention is for how many days a tip is kept after it came to that end; only then may two members
// destroy it. Check the archive rules that bind the office. Backups is for how many days a backup is kept:
// a certificate of destruction says from it when the last one that may hold the tip is gone. Folders are where
// copies of backups lie that this machine reaches, beside the folders it made backups in: what is destroyed is
// noted there, and the keys of destroyed epochs go.
type Retention struct {
	Spam      int `koanf:"spam" validate:"min=1,max=36500"`
	Declined  int `koanf:"declined" validate:"min=1,max=36500"`
	Referred  int `koanf:"referred" validate:"min=1,max=36500"`
	Merged    int `koanf:"merged" validate:"min=1,max=36500"`
	Withdrawn int `koanf:"withdrawn" validate:"min=1,max=36500"`
	Concluded int `koanf:"concluded" validate:"min=1,max=36500"` // and answered
	Backups   int `koanf:"backups" validate:"min=1,max=3650"`

	Folders []string `koanf:"folders" validate:"unique,dive,required"`
}

// AlertWebhook is called with a signed POST (Standard Webhooks).
type AlertWebhook struct {
	URL    string `koanf:"url" validate:"omitempty,send_url"`
	Secret Secret `koanf:"secret" validate:"required_with=URL"` // whsec_ and base64, or any text
}

// SMS is one gateway that calls /hooks/sms/{name}.
type SMS struct {
	Name     string  `koanf:"name" validate:"channel"`
	Provider string  `koanf:"provider" validate:"oneof=twilio standard aliyun android custom huawei tencent vonage vonage-messages plivo messagebird sinch telnyx infobip africastalking bird"`
	Secret   Secrets `koanf:"secret" validate:"min=1"`
	URL      string  `koanf:"url" validate:"hook_url"` // exactly as the gateway was told, query and all; default public.base_url/hooks/sms/{name}
	Ack      string  `koanf:"ack" validate:"oneof=neutral receipt none"`
	Number   string  `koanf:"number" validate:"omitempty,max=32"` // as citizens type it; shown on the site and its poster
	// Allow are the only IPs or CIDRs callbacks may come from, as public.proxies lets them be seen; empty lets all in.
	Allow  []string  `koanf:"allow" validate:"dive,proxy"`
	Custom CustomSMS `koanf:"custom"` // of the provider custom
	Media  Media     `koanf:"media"`  // pictures that wait at the provider
	Send   Send      `koanf:"send"`   // how texts go out; without a key nothing does
}

// Media is how pictures are fetched that came with a text; package fetch says what each key means.
type Media struct {
	Off      bool     `koanf:"off"`                           // none is fetched
	Auth     Secret   `koanf:"auth"`                          // stands in Authorization for hosts
	Hosts    []string `koanf:"hosts" validate:"dive,fqdn|ip"` // of the provider, beside the one that an address names
	Networks []string `koanf:"networks" validate:"dive,proxy"`
	Plain    bool     `koanf:"plain"` // http as well
}

// Send is a gateway's account for texts that go out; package courier says what each key means.
type Send struct {
	Provider  string   `koanf:"provider" validate:"omitempty,oneof=aliyun android custom plivo sinch telnyx tencent twilio vonage"` // default: the channel's
	URL       string   `koanf:"url" validate:"omitempty,send_url"`                                                                  // default: the provider's own
	User      string   `koanf:"user"`                                                                                               // account, key id, service plan or login
	Secret    Secret   `koanf:"secret"`
	From      string   `koanf:"from"` // a number or a sender's name
	Region    string   `koanf:"region"`
	App       string   `koanf:"app"`
	Sign      string   `koanf:"sign"`
	Template  string   `koanf:"template"`
	Variables []string `koanf:"variables" validate:"dive,pair"` // name=value, with {state}, {date} or {office}
	Format    string   `koanf:"format" validate:"omitempty,oneof=form json"`
	Fields    []string `koanf:"fields" validate:"dive,pair"` // name=value, with {to}, {bare}, {text}, {user}, {secret} or {from} as well
	Header    string   `koanf:"header"`
	Success   string   `koanf:"success"`
	PerMinute int      `koanf:"per_minute" validate:"min=0,max=6000"` // 0 is 60
	Prefixes  []string `koanf:"prefixes"`                             // the numbers it sends to begin so, as in +86; empty sends to all
}

// On says whether anything goes out this way.
func (s Send) On() bool { return s.Provider != "" }

// given says whether any key was written.
func (s Send) given() bool {
	return s.Provider+s.URL+s.User+s.Secret.Value()+s.From+s.Region+s.App+s.Sign+s.Template+s.Format+s.Header+s.Success != "" ||
		s.PerMinute != 0 || len(s.Variables)+len(s.Fields)+len(s.Prefixes) > 0
}

// CustomSMS describes the callbacks of a local aggregator; package sms says what each key means.
type CustomSMS struct {
	Format  string        `koanf:"format" validate:"omitempty,oneof=form json get"`
	Charset string        `koanf:"charset"`
	List    string        `koanf:"list"`
	Fields  CustomFields  `koanf:"fields"`
	Header  string        `koanf:"header"`
	Sign    CustomSign    `koanf:"sign"`
	Success CustomSuccess `koanf:"success"`
}

// CustomFields name the fields of one message.
type CustomFields struct {
	ID   string `koanf:"id"`
	From string `koanf:"from"`
	To   string `koanf:"to"`
	Text string `koanf:"text"`
	Time string `koanf:"time"`
	// Report is a field that only a report of delivery has: such a callback is no message.
	Report string `koanf:"report"`
}

// CustomSign is an HMAC over fields in a named order; without an algorithm the key comes with the request.
type CustomSign struct {
	Algorithm string   `koanf:"algorithm" validate:"omitempty,oneof=hmac-sha256 hmac-sha1 hmac-md5"`
	Fields    []string `koanf:"fields"`
	Joiner    string   `koanf:"joiner"`
	Encoding  string   `koanf:"encoding" validate:"omitempty,oneof=hex HEX base64"`
	Header    string   `koanf:"header"`
	Field     string   `koanf:"field"`
	Time      string   `koanf:"time"`
}

// CustomSuccess is the answer the aggregator waits for.
type CustomSuccess struct {
	Status int    `koanf:"status" validate:"omitempty,min=200,max=299"`
	Type   string `koanf:"type"`
	Body   string `koanf:"body"`
}

// Mail is one mail provider that calls /hooks/mail/{name}, or one mailbox that is polled. What only
// the one or the other has is checked by checkMail.
type Mail struct {
	Name     string        `koanf:"name" validate:"channel"`
	Provider string        `koanf:"provider" validate:"oneof=imap pop3 mailgun postmark sendgrid ses"`
	Secret   Secrets       `koanf:"secret"`
	Ack      string        `koanf:"ack" validate:"oneof=neutral receipt none"`
	Address  string        `koanf:"address" validate:"omitempty,mailbox"`    // as citizens write to it; shown on the site and its poster
	Topic    string        `koanf:"topic"`                                   // of ses: the ARN of the one SNS topic messages come from
	Host     string        `koanf:"host" validate:"omitempty,host_port"`     // of a mailbox; default port 993 or 995; always TLS
	User     string        `koanf:"user"`                                    // of a mailbox
	CA       string        `koanf:"ca" validate:"omitempty,file"`            // PEM: the only authorities that may vouch for the host
	Poll     time.Duration `koanf:"poll" validate:"min=10s,max=1h"`          // how often a mailbox is looked into
	After    string        `koanf:"after" validate:"oneof=keep move delete"` // what becomes of a message once it is committed
	Folder   string        `koanf:"folder" validate:"required"`              // where move puts it
	Backlog  string        `koanf:"backlog" validate:"oneof=take skip"`      // what is there at the very first look
}

// Polled says whether m is a mailbox and no provider that calls.
func (m Mail) Polled() bool { return m.Provider == "imap" || m.Provider == "pop3" }
