package book

import (
	"strings"

	"tipline/intake"
)

// ProblemMessage is the id of the message that words what is wrong with a cell: of the office's own
// messages, or of those that citizens read as well. How a date, an area or a point is written, it says. has
// tells which messages there are.
func ProblemMessage(q intake.Problem, has func(id string) bool) string {
	code := q.Code
	switch {
	case code != "format":
	case strings.HasSuffix(q.Field, "_on") || q.Field == "evidence_due":
		code = "date"
	case strings.HasPrefix(q.Field, "area"):
		code = "area"
	case q.Field == "coordinates":
		code = q.Field
	}
	if id := "book.problem." + code; has(id) {
		return id
	}
	return "problem." + q.Code
}

// FieldMessage is the id of the message that names a field of a sheet, "" when none does.
func FieldMessage(field string, has func(id string) bool) string {
	for _, id := range []string{"book.field." + field, "ledger.column." + field, "field." + field} {
		if has(id) {
			return id
		}
	}
	return ""
}
