package public

import (
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/crypto/receipt"
	"tipline/intake"
	"tipline/web/page"
)

// failure is how one kind of error is answered.
type failure struct {
	err    error
	status int
	kind   string // of the common messages error.*, and of the problem type
}

// failures is the one table from errors to answers; the first that fits wins.
var failures = []failure{
	{errOverlong, http.StatusRequestEntityTooLarge, "overlong"},
	{intake.ErrTooLarge, http.StatusRequestEntityTooLarge, "too_large"},
	{intake.ErrTooManyFiles, http.StatusUnprocessableEntity, "invalid"},
	{intake.ErrInvalid, http.StatusUnprocessableEntity, "invalid"},
	{receipt.ErrCheck, http.StatusUnprocessableEntity, "invalid"},
	{receipt.ErrFormat, http.StatusUnprocessableEntity, "invalid"},
	{intake.ErrUnknownReceipt, http.StatusNotFound, "receipt"},
	{intake.ErrLimited, http.StatusTooManyRequests, "limited"},
	{intake.ErrNotDurable, http.StatusServiceUnavailable, "unavailable"},
	{intake.ErrRead, http.StatusBadRequest, "malformed"},
	{errMalformed, http.StatusBadRequest, "malformed"},
	{errMediaType, http.StatusUnsupportedMediaType, "media_type"},
	{page.ErrCrossOrigin, http.StatusForbidden, "forbidden"},
	{page.ErrNotFound, http.StatusNotFound, "not_found"},
	{page.ErrMethod, http.StatusMethodNotAllowed, "method"},
}

// retryLater is when to come back after our own trouble.
const retryLater = 30 * time.Second

func classify(err error) failure {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		err = intake.ErrTooLarge
	}
	for _, f := range failures {
		if errors.Is(err, f.err) {
			return f
		}
	}
	return failure{err, http.StatusInternalServerError, "internal"}
}

// outcome is what metrics are told.
func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	return classify(err).kind
}

// fail is the one place that turns an error into an answer: problem+json below
// /api/, else the page it came from with what was typed, else an error page.
func (s *site) fail(c *gin.Context, err error) {
	defer parting(c)()
	f, v := classify(err), s.view(c)
	wait := retryAfter(err, f.status)
	if wait > 0 {
		c.Header("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	left := c.Request.Context().Err() != nil // the client did: nobody's failure
	if f.status >= http.StatusInternalServerError && !errors.Is(err, page.ErrPanic) && !left {
		s.Log.Error("a request failed", "route", c.FullPath(), "error", err)
	}
	told, ok := errors.AsType[*refused](err)
	switch {
	case strings.HasPrefix(c.Request.URL.Path, "/api/"):
		s.problem(c, v, f, wait, err)
	case ok:
		s.failPage(c, f, wait, told)
	default:
		s.errorPage(c, v.Failure(f.status, f.kind, minutes(wait)...))
	}
}

func (s *site) failPage(c *gin.Context, f failure, wait time.Duration, told *refused) {
	name, data := told.page(refusal{})
	v := data.(interface{ view() page.View }).view()
	_, data = told.page(s.carry(f, told.err, wait).tell(v, told.area, f))
	body, err := s.pages.Render(name, data)
	if err != nil {
		s.Log.Error("a page can't be rendered", "page", name)
		s.errorPage(c, v.Failure(f.status, f.kind, minutes(wait)...))
		return
	}
	page.Write(c.Writer, f.status, page.HTML, body)
}

func (s *site) errorPage(c *gin.Context, f page.Failure) {
	body, err := s.pages.Render(page.ErrorPage, struct {
		frame
		page.Failure
	}{s.frame(s.view(c)), f})
	if err != nil {
		s.Log.Error("the error page can't be rendered", "error", err)
		body = []byte(http.StatusText(f.Status))
	}
	page.Write(c.Writer, f.Status, page.HTML, body)
}

// problems are the fields an error blames.
func (s *site) problems(err error) []intake.Problem {
	if invalid, ok := errors.AsType[*intake.InvalidError](err); ok {
		return invalid.Problems
	}
	if count, ok := errors.AsType[*receipt.CountError](err); ok && count.Got == 0 {
		return []intake.Problem{{Field: "receipt", Code: "required"}}
	} else if ok {
		return []intake.Problem{{Field: "receipt", Code: "receipt.count", Param: strconv.Itoa(count.Got)}}
	}
	if long, ok := errors.AsType[*overlong](err); ok {
		return []intake.Problem{{Field: "body", Code: "overlong", Param: strconv.Itoa(maxFields >> 10), Over: long.over()}}
	}
	switch {
	case errors.Is(err, intake.ErrTooManyFiles):
		return []intake.Problem{{Field: "files", Code: "too_many", Param: strconv.Itoa(s.MaxFiles)}}
	case classify(err).status == http.StatusRequestEntityTooLarge:
		return []intake.Problem{{Field: "files", Code: "too_large", Param: megabytes(s.MaxBytes)}}
	case errors.Is(err, receipt.ErrCheck):
		return []intake.Problem{{Field: "receipt", Code: "receipt"}}
	case errors.Is(err, receipt.ErrFormat):
		return []intake.Problem{{Field: "receipt", Code: "receipt.letters"}}
	}
	return nil
}

// blames says whether a field is what err refuses.
func blames(err error, field string) bool {
	invalid, ok := errors.AsType[*intake.InvalidError](err)
	return ok && slices.ContainsFunc(invalid.Problems, func(p intake.Problem) bool { return p.Field == field })
}

func retryAfter(err error, status int) time.Duration {
	if limited, ok := errors.AsType[*intake.LimitedError](err); ok {
		return max(limited.RetryAfter, time.Second)
	}
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		return retryLater
	}
	return 0
}

// minutes fills the advice of a limit.
func minutes(wait time.Duration) []any {
	if wait <= 0 {
		return nil
	}
	return []any{"count", int(math.Ceil(wait.Minutes()))}
}
