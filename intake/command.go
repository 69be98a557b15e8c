package intake

import (
	"slices"
	"strings"
)

// command is what a text of one word asks for.
type command int

const (
	words   command = iota // a report
	stop                   // never write to this number again
	inquire                // what became of it
)

// commandOf knows the words that carriers teach their customers. Only a text that
// is nothing else is one: 停止挖沙 is a report.
func commandOf(text string) command {
	word := strings.ToUpper(strings.Trim(strings.TrimSpace(text), "。.!！ 　\"“”"))
	switch {
	case slices.Contains([]string{"STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "退订", "TD", "T", "取消订阅", "拒收"}, word):
		return stop
	case slices.Contains([]string{"查询", "查詢", "查询进度", "CX", "STATUS"}, word):
		return inquire
	default:
		return words
	}
}
