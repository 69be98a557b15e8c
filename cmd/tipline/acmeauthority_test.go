package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// authority is an ACME server (RFC 8555) that asks by tls-alpn-01 (RFC 8737), of every name at one address. It trusts
// whoever writes to it: signatures and nonces are golang.org/x/crypto's own tests' business.
type authority struct {
	*httptest.Server
	asks    string // host:port where names are looked for
	file    string // the authority of its own TLS, PEM
	pool    *x509.CertPool
	cert    *x509.Certificate
	key     *ecdsa.PrivateKey
	refuses atomic.Bool
	bound   []byte // HMAC key of the account that a new one must be tied to (RFC 8555 §7.3.4), nil where none must
	issued  atomic.Int64

	mu     sync.Mutex
	thumb  string // of the last account's key
	orders []*order
}

// order is one name's, with its only authorization and challenge.
type order struct {
	host, state, why string
	chain            []byte
}

const refusal = "DNS problem: the name leads to another machine"

func newAuthority(t *testing.T, asks string) *authority {
	t.Helper()
	a := &authority{asks: asks, pool: x509.NewCertPool(), file: filepath.Join(t.TempDir(), "ca.pem")}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	a.cert = &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority of the test"}, NotAfter: time.Now().Add(240 * time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, a.cert, a.cert, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.cert)
	a.Server = httptest.NewTLSServer(a.routes())
	t.Cleanup(a.Close)
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate().Raw})
	if err := os.WriteFile(a.file, own, 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *authority) routes() http.Handler {
	mux := http.NewServeMux()
	answer := func(pattern string, f func(w http.ResponseWriter, o *order, r request) any) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			a.mu.Lock()
			defer a.mu.Unlock()
			w.Header().Set("Replay-Nonce", rand.Text())
			var n int
			var o *order
			if _, err := fmt.Sscan(r.PathValue("n"), &n); err == nil && n < len(a.orders) {
				o = a.orders[n]
			}
			if body := f(w, o, readRequest(r)); body != nil {
				_ = json.NewEncoder(w).Encode(body)
			}
		})
	}
	answer("GET /directory", func(http.ResponseWriter, *order, request) any {
		return map[string]string{"newNonce": a.URL + "/nonce", "newAccount": a.URL + "/account", "newOrder": a.URL + "/order"}
	})
	answer("/nonce", func(http.ResponseWriter, *order, request) any { return nil })
	answer("POST /account", a.account)
	answer("POST /order", a.order)
	answer("POST /order/{n}", func(_ http.ResponseWriter, o *order, _ request) any { return a.show(o) })
	answer("POST /authorization/{n}", func(_ http.ResponseWriter, o *order, _ request) any { return a.authorization(o) })
	answer("POST /challenge/{n}", func(_ http.ResponseWriter, o *order, _ request) any {
		o.state, o.why = "ready", ""
		if err := a.ask(o.host); err != nil {
			o.state, o.why = "invalid", err.Error()
		}
		return a.challenge(o)
	})
	answer("POST /finalize/{n}", func(w http.ResponseWriter, o *order, r request) any {
		o.chain, o.state = a.sign(r.payload.CSR), "valid"
		w.Header().Set("Location", a.path("order", o))
		return a.show(o)
	})
	answer("POST /certificate/{n}", func(w http.ResponseWriter, o *order, _ request) any {
		w.Header().Set("Content-Type", "application/pem-certificate-chain")
		_, _ = w.Write(o.chain)
		return nil
	})
	return mux
}

// request is the part of a signed request that counts here.
type request struct {
	key struct {
		JWK struct{ Crv, Kty, X, Y string }
	}
	payload struct {
		Identifiers []struct{ Value string }
		CSR         string
		Binding     struct{ Protected, Payload, Signature string } `json:"externalAccountBinding"`
	}
}

func readRequest(r *http.Request) (out request) {
	var signed struct{ Protected, Payload string }
	_ = json.NewDecoder(r.Body).Decode(&signed)
	for text, to := range map[string]any{signed.Protected: &out.key, signed.Payload: &out.payload} {
		raw, _ := base64.RawURLEncoding.DecodeString(text)
		_ = json.Unmarshal(raw, to)
	}
	return out
}

// account notes the key's thumbprint (RFC 7638).
func (a *authority) account(w http.ResponseWriter, _ *order, r request) any {
	if a.bound != nil && !a.isBound(r) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusForbidden)
		return map[string]string{"type": "urn:ietf:params:acme:error:externalAccountRequired", "detail": "no account of ours"}
	}
	k := r.key.JWK
	sum := sha256.Sum256(fmt.Appendf(nil, `{"crv":"%s","kty":"%s","x":"%s","y":"%s"}`, k.Crv, k.Kty, k.X, k.Y))
	a.thumb = base64.RawURLEncoding.EncodeToString(sum[:])
	w.Header().Set("Location", a.URL+"/account/1")
	w.WriteHeader(http.StatusCreated)
	return map[string]string{"status": "valid"}
}

// isBound says whether the request's account is tied to one of ours: its key, signed by HMAC-SHA256.
func (a *authority) isBound(r request) bool {
	b := r.payload.Binding
	mac := hmac.New(sha256.New, a.bound)
	mac.Write([]byte(b.Protected + "." + b.Payload))
	signed, _ := base64.RawURLEncoding.DecodeString(b.Signature)
	header, _ := base64.RawURLEncoding.DecodeString(b.Protected)
	key, _ := base64.RawURLEncoding.DecodeString(b.Payload)
	return hmac.Equal(signed, mac.Sum(nil)) && strings.Contains(string(header), `"kid":"`+boundID+`"`) && strings.Contains(string(key), r.key.JWK.X)
}

const boundID = "kid-of-the-office"

func (a *authority) order(w http.ResponseWriter, _ *order, r request) any {
	o := &order{host: r.payload.Identifiers[0].Value, state: "pending"}
	a.orders = append(a.orders, o)
	w.Header().Set("Location", a.path("order", o))
	w.WriteHeader(http.StatusCreated)
	return a.show(o)
}

func (a *authority) path(what string, o *order) string {
	for n, other := range a.orders {
		if other == o {
			return fmt.Sprintf("%s/%s/%d", a.URL, what, n)
		}
	}
	return ""
}

func (a *authority) show(o *order) any {
	return map[string]any{"status": o.state, "identifiers": []any{identifier(o)}, "authorizations": []string{a.path("authorization", o)},
		"finalize": a.path("finalize", o), "certificate": a.path("certificate", o)}
}

func identifier(o *order) any { return map[string]string{"type": "dns", "value": o.host} }

func (a *authority) authorization(o *order) any {
	state := o.state
	if state == "ready" {
		state = "valid"
	}
	return map[string]any{"status": state, "identifier": identifier(o), "challenges": []any{a.challenge(o)}}
}

func (a *authority) challenge(o *order) any {
	c := map[string]any{"type": "tls-alpn-01", "url": a.path("challenge", o), "token": acmeToken, "status": "pending"}
	if o.why != "" {
		c["status"], c["error"] = "invalid", map[string]string{"type": "urn:ietf:params:acme:error:connection", "detail": o.why}
	}
	return c
}

const acmeToken = "a-token-of-the-authority-of-the-test"

// ask asks whoever listens for host whether they asked for the certificate.
func (a *authority) ask(host string) error {
	if a.refuses.Load() {
		return errors.New(refusal)
	}
	conn, err := tls.Dial("tcp", a.asks, &tls.Config{ServerName: host, NextProtos: []string{"acme-tls/1"}, InsecureSkipVerify: true})
	if err != nil {
		return err
	}
	defer conn.Close()
	sum := sha256.Sum256([]byte(acmeToken + "." + a.thumb))
	want, err := asn1.Marshal(sum[:])
	if err != nil {
		return err
	}
	for _, e := range conn.ConnectionState().PeerCertificates[0].Extensions {
		if e.Id.String() == "1.3.6.1.5.5.7.1.31" && string(e.Value) == string(want) {
			return nil
		}
	}
	return fmt.Errorf("%s doesn't know the token", host)
}

func (a *authority) sign(text string) []byte {
	raw, _ := base64.RawURLEncoding.DecodeString(text)
	r, err := x509.ParseCertificateRequest(raw)
	if err != nil {
		return nil
	}
	n := a.issued.Add(1)
	c := &x509.Certificate{SerialNumber: big.NewInt(1 + n), DNSNames: r.DNSNames, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(200 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, r.PublicKey, a.key)
	if err != nil {
		return nil
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})...)
}
