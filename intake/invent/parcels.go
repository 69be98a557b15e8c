package invent

import (
	"fmt"
	"math/rand/v2"
)

// parcels is how many the sheet of them holds.
const parcels = 26

// Parcels are a sheet of parcels as they come from above, headings first.
func Parcels(seed uint64, o Office) [][]string {
	t := &teller{Rand: rand.New(rand.NewPCG(seed, 7)), o: o, centres: centres(o.Villages)}
	out := [][]string{{"图斑编号", "村", "经度", "纬度", "面积", "用途类型", "整改时限", "举证时限", "责任领导", "责任人", "备注"}}
	for i := range parcels {
		village := pick(t, o.Villages)
		c := t.centres[village]
		due := o.Today.AddDate(0, 0, -25+t.IntN(70))
		out = append(out, []string{fmt.Sprintf("YL%d-%03d", 2023+i%2, 1+i/2), village,
			fmt.Sprintf("%.6f", c[1]+(t.Float64()-0.5)*0.012), fmt.Sprintf("%.6f", c[0]+(t.Float64()-0.5)*0.01), fmt.Sprintf("%.2f", 0.3+t.Float64()*9),
			o.Categories[t.weighted(len(o.Categories))], due.Format("2006-01-02"), due.AddDate(0, 0, -7).Format("2006-01-02"),
			"样例·包村干部", "样例·责任人", "样例"})
	}
	return out
}

// lots are the numbers of a sheet's parcels by their village.
func lots(sheet [][]string) map[string][]string {
	out := map[string][]string{}
	for _, row := range sheet[1:] {
		out[row[1]] = append(out[row[1]], row[0])
	}
	return out
}

// parcel is one of a village's, if any came from above.
func (t *teller) parcel(village string) string {
	if there := t.lots[village]; len(there) > 0 {
		return pick(t, there)
	}
	return fmt.Sprintf("YL2024-%03d", parcels+t.IntN(9))
}
