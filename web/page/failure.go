package page

// Failure is what the shared error page tells.
type Failure struct {
	Status          int
	Heading, Advice string
}

// Failure words a kind of failure (the common messages error.*.title and .text)
// in the view's language. args fill the advice's placeholders.
func (v View) Failure(status int, kind string, args ...any) Failure {
	return Failure{Status: status, Heading: v.T("error." + kind + ".title"), Advice: v.T("error."+kind+".text", args...)}
}
