package desk_test

import (
	"strings"
	"testing"

	"tipline/intake"
	"tipline/intake/intaketest"
)

// TestTheRecordIsWorded: codes, roles, desks and what no member did stand in words; ids
// are as short as everywhere.
func TestTheRecordIsWorded(t *testing.T) {
	h := twoDesks(t)
	id := strings.Repeat("ab", 16)
	for _, a := range []struct{ member, act, detail, want string }{
		{"li", "transfer", "county", "县受理台"}, {"li", "identity.ask", id, ">" + id[:8] + "<"}, {"wang", "dispatch.failed", id + " sms limited", id[:8] + " · 短信 · 发得太快"},
		{"boss", "member.add", "zhou supervisor,auditor", "zhou · 督办人 · 审计员"}, {"command line", "ledger.export", "json facts", "json · 不含加密内容"}, {"li", "file", "3", "附件 3"},
		{"li", "login.here", "printed code", "用备用码"}, {"ledger", "outcome", "verifying", ">台账<"}, {"clock", "clock.go", "waited", ">时限计算<"}, {"li", "look.done", "retaliation kept", "防止打击报复 · 整改到位"},
		{"li", "import.map", "parcels", "图斑"}, {"li", "import.map.drop", "ledger", "删除列的对应关系"},
		{"li", "parcel.move", "pending>concluded TB-1", "待核查 → 销号 · TB-1"}, {"li", "import.parcels", "new 3 changed 1 same 0 left 2", "新增 3"}, {"li", "ledger.read", "rows 11", "11 行"},
		{"li", "ledger.edit", "measure,responsible", "整改措施 · 责任人"}, {"li", "extension.ask", "2026-11-24>2026-12-24 complex", "2026-11-24 → 2026-12-24 · 情况复杂"},
		{"li", "destroy.ask", "spam 3 period_over " + id, "垃圾信息 · 3 · 保管期满 · " + id[:8]},
		{"retention", "destroy.done", "spam " + id + " 2027-01-28 4 1 2", "垃圾信息 · " + id[:8] + " · 2027-01-28 · 文本 4 · 留言 1 · 文件 2"}, {"retention", "destroy.done", "spam " + id + " 2027-01-28", id[:8] + " · 2027-01-28"},
		{"li", "state", "received>declined unclear", "已接收 → 不予受理"}, {"command_line", "member.enable", "zhou", ">command_line<"},
	} {
		intaketest.Must(t, h.store.AppendAudit(t.Context(), intake.Audit{At: h.clock.Now(), Member: a.member, Act: a.act, Desk: intaketest.Desk, Detail: a.detail}))
		if page := h.login("qian").page("/audit"); !strings.Contains(page, a.want) {
			t.Errorf("%s %s %q: there is no %q", a.member, a.act, a.detail, a.want)
		}
	}
}
