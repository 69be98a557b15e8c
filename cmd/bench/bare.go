package main

import (
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
)

const answer = `<!doctype html><output id="receipt">0000 0000 0000 0000 0000 0000</output>`

// serveBare is a gin handler that reads the request and does nothing.
func serveBare(addr string) error {
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	g.GET("/", func(c *gin.Context) { c.Status(http.StatusOK) })
	g.POST("/report", func(c *gin.Context) {
		_, _ = io.Copy(io.Discard, c.Request.Body)
		c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(answer))
	})
	return http.ListenAndServe(addr, g)
}
