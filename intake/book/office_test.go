package book_test

import (
	"testing"

	"tipline/crypto/keyring"
	"tipline/crypto/pseudonym"
	"tipline/intake"
	"tipline/intake/blob"
	"tipline/intake/book"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
	"tipline/intake/ledger"
	"tipline/intake/sheet"
)

// blobs hands containers out as casework's own interface.
type blobs struct{ *blob.Dir }

func (b blobs) Open(tip, compartment string) (casework.Blob, error) {
	return b.Dir.Open(tip, compartment)
}

// office is the book over a real door, store and ledger, with a handler and a
// custodian.
type office struct {
	*intaketest.Office
	*book.Service
	work     *casework.Service
	ledger   *ledger.Ledger
	li, wang casework.Actor
}

func open(t *testing.T) *office {
	t.Helper()
	o := &office{Office: intaketest.Open(t)}
	var err error
	o.ledger, err = ledger.Open(t.Context(), o.Office.Store.Database())
	intaketest.Must(t, err)
	door := o.Door()
	o.work = casework.New(casework.Deps{Store: o.Office.Store, Blobs: blobs{o.Office.Blobs}, Keys: o.Office, Events: o.Office.Events(), Deadlines: intaketest.Deadlines{}, Codes: codes{},
		Parcel: func(n string) []byte { return []byte("tag " + n) }, Submit: door.Submit, Loc: intaketest.Loc(), Now: o.Clock.Now})
	o.Service = book.New(book.Deps{Ledger: o.ledger, TakeDown: o.work.TakeDown, Check: door.Check, Keys: o.Office, Words: words{}, Record: o.Office.Store.AppendAudit, Mentions: o.work.Mentions, PutOff: o.work.PutOff, OfParcel: o.work.OfParcel, Log: o.Office.Store, Tag: pseudonym.NewKey().Tag, Cadres: []string{"支部书记", "网格员"},
		Acceptance: intaketest.Deadlines{}.Acceptance, Conclusion: func(d string, from intake.Date, _ ...intake.Pause) intake.Date {
			return intaketest.Deadlines{}.Conclusion(d, from, from)
		},
		Head: o.Office.Store.AuditHead, Events: o.Office.Events(), Loc: intaketest.Loc(), Now: o.Clock.Now})
	keys := keyring.NewRing()
	keys.Add(intake.DeskKey(intaketest.Desk), 1, o.Office.Desk)
	keys.Add(intake.LedgerKey(intaketest.Desk), 1, o.Office.Ledger)
	o.li = casework.Actor{Name: "li", Roles: []string{casework.RoleHandler}, Desk: intaketest.Desk, Ring: keys, Key: intaketest.Identity(t)}
	o.wang = casework.Actor{Name: "wang", Roles: []string{casework.RoleCustodian}, Desk: intaketest.Desk, Ring: keyring.NewRing()}
	return o
}

// codes are an office's that has every code.
type codes struct{}

func (codes) Reason(string) bool        { return true }
func (codes) Department(string) bool    { return true }
func (codes) Route(intake.Facts) string { return "agriculture" }

// words are a few of an office's.
type words struct{}

func (words) Code(kind, text string) (string, bool) {
	code, ok := map[string]string{"category建房": "ok-house", "categoryokhouse": "ok-house", "source媒体报道": "ok-media", "source群众举报": "public", "sourceoksuperior": "ok-superior", "channel电话": "phone", "state核查中": "verifying",
		"state销号": "concluded", "state延期": "extended", "state已编号": "numbered", "state待核查": "pending", "department农业农村": "agriculture"}[kind+book.Fold(text)]
	return code, ok
}

func (words) Place(text string) (string, bool) {
	code, ok := map[string]string{"胡堂村": "411422207201", "李尧村": "411422207202", "411422207201": "411422207201"}[text]
	return code, ok
}

func (words) Labels(lang string) ledger.Labels {
	label := func(kind, code string) string {
		if label, ok := map[string]string{"stateverifying": "核查中", "stateconcluded": "销号", "stateextended": "延期", "statenumbered": "已编号", "statepending": "待核查", "categoryok-house": "建房"}[kind+code]; ok {
			return label
		}
		return code
	}
	return ledger.Labels{Title: "台账", Heading: func(k string) string { return words{}.Heading(lang, k) }, Code: label,
		Place: func(string) (string, string, string) { return "乡", "村", "" }}
}

func (words) Heading(lang, column string) string { return lang + " " + column }
func (words) Text(_, id string, _ ...any) string { return id }

func (words) Phases(_ string, from, _ intake.Date) []string {
	return []string{"phase of " + string(from)}
}

func (words) Languages() []string { return []string{"zh-CN", "en"} }

func table(t *testing.T, csv string) sheet.Table {
	t.Helper()
	got, err := sheet.Read([]byte(csv))
	intaketest.Must(t, err)
	return got
}
