package invent

import (
	"fmt"
	"math/rand/v2"
)

// Parcels are a sheet of n parcels as they come from above, headings first.
func Parcels(seed uint64, n int, o Office) [][]string {
	t := &teller{Rand: rand.New(rand.NewPCG(seed, 7)), o: o, centres: centres(o.Villages)}
	out := [][]string{{"图斑编号", "村", "经度", "纬度", "面积", "用途类型", "整改时限", "举证时限", "责任领导", "责任人", "备注"}}
	for i := range n {
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
