package main

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"

	"github.com/gin-gonic/gin"
)

const answer = `<!doctype html><output id="receipt">0000 0000 0000 0000 0000 0000</output>`

// serveReport is a gin server that takes reports by one function.
func serveReport(addr string, report func(*http.Request) error) error {
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	g.GET("/", func(c *gin.Context) { c.Status(http.StatusOK) })
	g.POST("/report", func(c *gin.Context) {
		if err := report(c.Request); err != nil {
			c.String(http.StatusInternalServerError, err.Error())
			return
		}
		c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(answer))
	})
	return http.ListenAndServe(addr, g)
}

// readReport reads the request and does nothing.
func readReport(r *http.Request) error {
	_, err := io.Copy(io.Discard, r.Body)
	return err
}

// syncFiles writes every file of the request under a name of its own in dir and
// syncs it.
func syncFiles(dir string) func(*http.Request) error {
	return func(r *http.Request) error {
		m, err := r.MultipartReader()
		if err != nil {
			return err
		}
		for {
			p, err := m.NextPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err == nil && p.FileName() != "" {
				err = syncFile(dir, p)
			}
			if err != nil {
				return err
			}
		}
	}
}

func syncFile(dir string, p *multipart.Part) error {
	f, err := os.CreateTemp(dir, "file")
	if err != nil {
		return err
	}
	_, err = io.Copy(f, p)
	return errors.Join(err, f.Sync(), f.Close())
}
