package page

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"

	"github.com/gin-gonic/gin"
)

// What goes wrong before or around a handler.
var (
	ErrNotFound    = errors.New("no such page")
	ErrMethod      = errors.New("the page takes no such method")
	ErrCrossOrigin = errors.New("sent from another site's page")
	ErrPanic       = errors.New("a handler panicked")
)

// Handler answers one request, or says why it couldn't.
type Handler func(c *gin.Context) error

// Router is gin with handlers that return errors: one func turns each into an
// answer. It keeps no access log.
type Router struct {
	engine *gin.Engine
	fail   func(c *gin.Context, err error)
	log    *slog.Logger
}

// NewRouter is a router without routes. fail answers for a handler's error, for
// a path that isn't there ([ErrNotFound], [ErrMethod]) and for a panic
// ([ErrPanic]); nothing of the answer has been written then, unless a handler
// panicked half-way.
func NewRouter(log *slog.Logger, fail func(c *gin.Context, err error)) (*Router, error) {
	gin.SetMode(gin.ReleaseMode)
	r := &Router{engine: gin.New(), fail: fail, log: log}
	if err := r.engine.SetTrustedProxies(nil); err != nil { // we read the header ourselves: ClientAddr
		return nil, fmt.Errorf("page: %w", err)
	}
	r.engine.HandleMethodNotAllowed = true
	r.engine.RedirectTrailingSlash = false
	r.engine.NoRoute(r.wrap(func(*gin.Context) error { return ErrNotFound }))
	r.engine.NoMethod(r.wrap(func(*gin.Context) error { return ErrMethod }))
	return r, nil
}

// ServeHTTP lets a router stand as a handler.
func (r *Router) ServeHTTP(w http.ResponseWriter, q *http.Request) { r.engine.ServeHTTP(w, q) }

// GET answers GET and HEAD alike.
func (r *Router) GET(path string, chain ...Handler) {
	r.engine.GET(path, r.wrapAll(chain)...)
	r.engine.HEAD(path, r.wrapAll(chain)...)
}

// POST answers POST. Handlers before the last are its guards: an error of one
// ends the request.
func (r *Router) POST(path string, chain ...Handler) { r.engine.POST(path, r.wrapAll(chain)...) }

// Routes are the routes there are, as "METHOD /path". HEAD stands with its GET.
func (r *Router) Routes() (out []string) {
	for _, route := range r.engine.Routes() {
		if route.Method != http.MethodHead {
			out = append(out, route.Method+" "+route.Path)
		}
	}
	return out
}

// Mount hands GET and POST of a path to a handler that answers for itself. It gets the address as it came: what a gateway signed, in
// whatever charset.
func (r *Router) Mount(path string, h http.Handler) {
	r.engine.Match([]string{http.MethodGet, http.MethodPost}, path, r.wrap(func(c *gin.Context) error {
		h.ServeHTTP(c.Writer, c.Request)
		return nil
	}))
}

func (r *Router) wrapAll(chain []Handler) []gin.HandlerFunc {
	out := []gin.HandlerFunc{tidyAddress}
	for _, h := range chain {
		out = append(out, r.wrap(h))
	}
	return out
}

func (r *Router) wrap(h Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer r.recover(c)
		if err := h(c); err != nil {
			c.Abort()
			r.fail(c, err)
		}
	}
}

// recover logs where a handler panicked, and neither the value nor any argument:
// both may hold what a person wrote.
func (r *Router) recover(c *gin.Context) {
	v := recover()
	if v == nil {
		return
	}
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(v)
	}
	r.log.Error("a handler panicked", "route", c.FullPath(), "kind", fmt.Sprintf("%T", v), "at", frames())
	c.Abort()
	if c.Writer.Written() {
		panic(http.ErrAbortHandler) // a torn answer must not look like a whole one
	}
	r.fail(c, ErrPanic)
}

// frames are the functions and lines that led to the panic.
func frames() []string {
	pc := make([]uintptr, 24)
	walk := runtime.CallersFrames(pc[:runtime.Callers(4, pc)])
	var out []string
	for {
		f, more := walk.Next()
		out = append(out, fmt.Sprintf("%s:%d", f.Function, f.Line))
		if !more {
			return out
		}
	}
}
