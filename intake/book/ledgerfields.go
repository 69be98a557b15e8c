package book

import "tipline/intake/ledger"

// ledgerFields are what a sheet of the ledger may hold: what finds the row, and what
// the office may change.
func ledgerFields() []Field {
	also := map[string]string{"number": "台账号 台账编号 编号 number", "parcel": "图斑号 图斑 parcel", "location": "地点 具体位置 详细地址 坐落 位置描述", "coordinates": "坐标 中心点坐标", "subject": "占地主体 当事人", "occupied_since": "占地时间", "area_total": "总面积 占地面积 面积",
		"area_arable": "耕地面积 其中耕地", "area_basic": "永久基本农田面积 永农面积 基本农田", "approval": "审批情况 审批手续", "description": "问题描述 存在问题", "measure": "整改措施 措施", "leader": "责任领导 包保领导",
		"responsible": "责任人 整改责任人", "due_on": "整改时限 整改期限 完成时限", "progress": "进展 整改进展 整改情况 状态", "closed_on": "销号日期 销号时间", "look_back": "回头看", "remarks": "备注"}
	fields := []Field{{Key: "tip", also: "线索编号 tip"}, {Key: "check", also: "核对码 check"}}
	for _, key := range ledger.Editable() {
		fields = append(fields, Field{Key: key, also: also[key]})
	}
	return fields
}
