package public

import (
	"slices"
	"testing"
)

func TestHints(t *testing.T) {
	for text, want := range map[string][]hint{
		"村北有人挖湖，占了三亩地":          nil,
		"我的电话是13812345678":      {hintPhone, hintSigned},
		"打 138 1234 5678 找我":    {hintPhone},
		"打１３８１２３４５６７８找我":        {hintPhone},
		"身份证１１０１０５１９４９１２３１００２Ｘ": {hintID},
		"图斑 4114222024000138":   nil,
		"11010519491231002X":    {hintID},
		"110105194912310021":    nil, // the check digit is wrong
		"我叫王小明，住在村东":            {hintName},
		"我是胡堂村的王小明。":            {hintName},
		"举报人：王小明":               {hintSigned},
		"My name is John":       {hintName},
		"我是听别人说的，不知道是谁，大概去年秋收以后开始": nil,
		"我家住村东头第二户":           {hintSigned},
		"编号 1381234567890123": nil,
	} {
		if got := hints(fields{"text": {text}}); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	if got := hints(fields{"text": {"是王小明看到的"}, "name": {"王小明"}}); !slices.Equal(got, []hint{hintName}) {
		t.Errorf("a name given apart: %v", got)
	}
}
