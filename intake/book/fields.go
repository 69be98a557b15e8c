package book

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Field is something a column may hold.
type Field struct {
	Key      string
	Required bool
	also     string // other headings that offices give it
}

// fieldsOf are the fields of a kind, in the order they are offered.
func fieldsOf(k Kind) []Field {
	where := []Field{{Key: "place", also: "村 所在村 行政村 坐落 地点 所在地方 村庄 village place"}, {Key: "coordinates", also: "坐标 中心点坐标 coordinates"}, {Key: "lat", also: "纬度 Y latitude"}, {Key: "lon", also: "经度 X longitude"},
		{Key: "datum", also: "坐标系 坐标系统 datum"}}
	switch k {
	case Parcels:
		return append([]Field{{Key: "number", Required: true, also: "图斑编号 图斑号 监测图斑编号 监测编号 parcel number"}, {Key: "batch", also: "批次 图斑批次 batch"}, {Key: "area", also: "总面积 面积 图斑面积 占地面积 监测面积 area"},
			{Key: "category", also: "用途类型 问题类型 问题类别 类别 实际用途 category"}, {Key: "source", also: "线索来源 来源 source"}, {Key: "due_on", also: "整改时限 整改期限 完成时限 办结时限 due"}, {Key: "evidence_due", also: "举证时限 举证期限 举证 evidence"},
			{Key: "leader", also: "责任领导 包保领导 包村干部 leader"}, {Key: "responsible", also: "责任人 田长 responsible"}, {Key: "occupant", also: "占地主体 建设主体 用地主体 subject occupant"}, {Key: "note", also: "备注 说明 remarks note"}}, where...)
	case Clues:
		return append([]Field{{Key: "text", Required: true, also: "问题描述 举报内容 反映内容 内容 线索内容 问题 description text"}, {Key: "key", also: "线索编号 编号 交办编号 工单编号 number id"}, {Key: "source", also: "线索来源 来源 source"}, {Key: "channel", also: "受理渠道 渠道 channel"},
			{Key: "category", also: "用途类型 问题类型 问题类别 类别 category"}, {Key: "issuer", also: "来源单位 交办单位 媒体 媒体名称 网站 issuer"}, {Key: "reference", also: "文号 交办文号 标题 链接 reference"}, {Key: "issued_on", also: "交办日期 发布日期 下发日期 issued"},
			{Key: "reported_on", also: "反映日期 接收日期 举报日期 来电日期 received"}, {Key: "address", also: "具体位置 详细地址 地址 位置 address"}, {Key: "subject", also: "占地主体 被反映人 被反映单位 当事人 subject"}, {Key: "parcel", also: "图斑编号 图斑号 parcel"},
			{Key: "occurred", also: "占地时间 发生时间 occurred"}, {Key: "urgent", also: "紧急 是否紧急 urgent"}, {Key: "name", also: "姓名 举报人 反映人 来电人 name"}, {Key: "phone", also: "电话 联系电话 手机 phone"}}, where...)
	default:
		return ledgerFields()
	}
}

// Fields are the fields of a kind.
func Fields(k Kind) []Field { return fieldsOf(k) }

// Fold is text as headings and labels are compared: by letters and digits alone, in
// one width and case, without what stands in brackets.
func Fold(s string) string {
	s = norm.NFKC.String(s)
	if before, _, ok := strings.Cut(s, "("); ok && strings.TrimSpace(before) != "" {
		s = before
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// guess is the field that a heading names, "" for none.
func (s *Service) guess(k Kind, heading string) string {
	h := Fold(heading)
	if h == "" {
		return ""
	}
	for _, f := range fieldsOf(k) {
		if h == Fold(f.Key) {
			return f.Key
		}
		for _, lang := range s.Words.Languages() {
			if h == Fold(s.Words.Heading(lang, f.Key)) {
				return f.Key
			}
		}
		for _, also := range strings.Fields(f.also) {
			if h == Fold(also) {
				return f.Key
			}
		}
	}
	return ""
}
