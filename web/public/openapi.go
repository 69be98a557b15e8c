package public

import (
	_ "embed"
	"net/http"

	"github.com/gin-gonic/gin"

	"tipline/web/page"
)

// openapi describes the API (OpenAPI 3.1). A test holds it to what is answered.
//
//go:embed openapi.json
var openapi []byte

func (s *site) openAPI(c *gin.Context) error {
	page.Write(c.Writer, http.StatusOK, typeJSON, openapi)
	return nil
}
