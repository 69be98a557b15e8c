package desk

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"tipline/crypto/keyring"
	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/casework"
	"tipline/intake/members"
	"tipline/intake/sheet"
	"tipline/web/page"
)

// failure is how one kind of error is answered: a status and the message that
// words it, desk.error.KIND.
type failure struct {
	err    error
	status int
	kind   string
}

// failures is the one table from errors to answers; the first that fits wins.
func failures() []failure {
	return []failure{
		{members.ErrTooMany, http.StatusTooManyRequests, "too_many"},
		{members.ErrDisabled, http.StatusForbidden, "disabled"},
		{errAgain, http.StatusForbidden, "reentry"},
		{members.ErrLogin, http.StatusForbidden, "login"},
		{members.ErrCode, http.StatusForbidden, "code"},
		{members.ErrPasskey, http.StatusForbidden, "passkey"},
		{members.ErrPasskeyName, http.StatusUnprocessableEntity, "passkey_name"},
		{members.ErrNoPasskeys, http.StatusConflict, "no_passkeys"},
		{members.ErrNotAllowed, http.StatusForbidden, "not_allowed"},
		{members.ErrSelf, http.StatusForbidden, "self"},
		{members.ErrNotReady, http.StatusConflict, "not_ready"},
		{members.ErrMark, http.StatusConflict, "mark"},
		{members.ErrName, http.StatusUnprocessableEntity, "name"},
		{members.ErrRole, http.StatusUnprocessableEntity, "role"},
		{members.ErrBothRoles, http.StatusUnprocessableEntity, "both_roles"},
		{members.ErrSame, http.StatusUnprocessableEntity, "same"},
		{errTaken, http.StatusConflict, "taken"},
		{keyring.ErrWeakPassphrase, http.StatusUnprocessableEntity, "weak"},
		{casework.ErrForbidden, http.StatusForbidden, "forbidden"},
		{casework.ErrDestroyed, http.StatusGone, "destroyed"},
		{casework.ErrOnHold, http.StatusConflict, "on_hold"},
		{casework.ErrNoSpam, http.StatusConflict, "no_spam"},
		{casework.ErrPeriod, http.StatusConflict, "kept_still"},
		{casework.ErrCurrentKey, http.StatusConflict, "current_key"},
		{casework.ErrNotHeld, http.StatusForbidden, "key_not_held"},
		{casework.ErrOthersHold, http.StatusForbidden, "others_hold"},
		{casework.ErrLifted, http.StatusForbidden, "lifted"},
		{casework.ErrOwnDestruction, http.StatusForbidden, "own_destruction"},
		{casework.ErrNotClosed, http.StatusConflict, "not_closed"},
		{casework.ErrOwnExtension, http.StatusForbidden, "own_extension"},
		{casework.ErrNoExtension, http.StatusConflict, "no_extension"},
		{casework.ErrOwnRequest, http.StatusForbidden, "own_request"},
		{casework.ErrOwnAnswer, http.StatusForbidden, "own_answer"},
		{casework.ErrNoContact, http.StatusConflict, "no_contact"},
		{casework.ErrNobody, http.StatusConflict, "nobody"},
		{casework.ErrNoView, http.StatusForbidden, "no_view"},
		{intake.ErrUnreadable, http.StatusConflict, "unreadable"},
		{casework.ErrNoIdentity, http.StatusNotFound, "no_identity"},
		{casework.ErrHeld, http.StatusConflict, "held"},
		{casework.ErrTransition, http.StatusConflict, "transition"},
		{casework.ErrOwnRefusal, http.StatusForbidden, "own_refusal"},
		{casework.ErrWaits, http.StatusConflict, "waits"},
		{casework.ErrMerge, http.StatusConflict, "merge"},
		{casework.ErrOthers, http.StatusConflict, "others"},
		{casework.ErrUnsent, http.StatusConflict, "unsent"},
		{casework.ErrKept, http.StatusConflict, "kept"},
		{casework.ErrEcho, http.StatusUnprocessableEntity, "echo"},
		{casework.ErrReason, http.StatusUnprocessableEntity, "reason"},
		{book.ErrColumns, http.StatusUnprocessableEntity, "columns"},
		{book.ErrKind, http.StatusUnprocessableEntity, "invalid"},
		{book.ErrNumber, http.StatusUnprocessableEntity, "number"},
		{book.ErrPeriod, http.StatusUnprocessableEntity, "period"},
		{book.ErrRows, http.StatusUnprocessableEntity, "rows"},
		{sheet.ErrOld, http.StatusUnprocessableEntity, "sheet_old"},
		{sheet.ErrFormat, http.StatusUnprocessableEntity, "sheet"},
		{sheet.ErrTooLarge, http.StatusRequestEntityTooLarge, "sheet_large"},
		{errNoFile, http.StatusUnprocessableEntity, "no_file"},
		{intake.ErrConflict, http.StatusConflict, "conflict"},
		{intake.ErrNotFound, http.StatusNotFound, "not_found"},
		{intake.ErrInvalid, http.StatusUnprocessableEntity, "invalid"},
		{intake.ErrTooLarge, http.StatusRequestEntityTooLarge, "too_large"},
		{intake.ErrTooManyFiles, http.StatusUnprocessableEntity, "too_many_files"},
		{intake.ErrRead, http.StatusBadRequest, "malformed"},
		{page.ErrForm, http.StatusBadRequest, "malformed"},
		{errMalformed, http.StatusBadRequest, "malformed"},
		{intake.ErrInDoubt, http.StatusServiceUnavailable, "in_doubt"}, // it may be done: once more would be twice
		{intake.ErrNotDurable, http.StatusServiceUnavailable, "unavailable"},
		{page.ErrCrossOrigin, http.StatusForbidden, "cross_origin"},
		{page.ErrNotFound, http.StatusNotFound, "not_found"},
		{page.ErrMethod, http.StatusMethodNotAllowed, "not_found"},
	}
}

// Wordings are the messages that word the errors of the desk's rules, by their English text: the
// command line says them in the same words.
func Wordings() map[string]string {
	out := map[string]string{}
	for _, f := range failures() {
		out[f.err.Error()] = "desk.error." + f.kind
	}
	return out
}

// errMalformed says that a form can't be read.
var errMalformed = errors.New("malformed form")

func classify(err error) failure {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		err = intake.ErrTooLarge
	}
	for _, f := range failures() {
		if errors.Is(err, f.err) {
			return f
		}
	}
	return failure{err, http.StatusInternalServerError, "internal"}
}

// words are what went wrong and how it is mended.
func (f failure) words(to frame) (heading, advice string) {
	id := "desk.error." + f.kind
	return to.T(id), to.T(id + ".advice")
}

// fail turns an error into a page.
func (d *desk) fail(c *gin.Context, err error) {
	f := classify(err)
	if f.status >= http.StatusInternalServerError && !errors.Is(err, page.ErrPanic) {
		d.Log.Error("a request failed", "route", c.FullPath(), "error", err)
	}
	v := d.frame(c, nil)
	if s, ok := d.session(c); ok {
		v = d.frame(c, s)
	}
	heading, advice := f.words(v)
	d.render(c, f.status, page.ErrorPage, struct {
		frame
		page.Failure
	}{v, page.Failure{Status: f.status, Heading: heading, Advice: advice}})
}

// render answers with a page.
func (d *desk) render(c *gin.Context, status int, name string, data any) {
	body, err := d.pages.Render(name, data)
	if err != nil {
		d.Log.Error("a page can't be rendered", "page", name, "error", err)
		page.Write(c.Writer, http.StatusInternalServerError, page.HTML, []byte(http.StatusText(http.StatusInternalServerError)))
		return
	}
	page.Write(c.Writer, status, page.HTML, body)
}
