package sms

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"strings"
)

// jwtClaims are the claims that gateways sign a callback by (RFC 7519). Times are
// seconds since 1970; nil is an absent claim.
type jwtClaims struct {
	Issuer      string  `json:"iss"`
	IssuedAt    *int64  `json:"iat"`
	NotBefore   *int64  `json:"nbf"`
	Expires     *int64  `json:"exp"`
	ID          string  `json:"jti"`
	URLHash     string  `json:"url_hash"`
	PayloadHash *string `json:"payload_hash"`
}

// readJWT checks a token's HMAC (RFC 7515) under one of the keys and reads its
// claims. It takes HS256, HS384 and HS512 and nothing else: none signs nothing,
// and a public key's algorithms have no place here.
func readJWT(token string, keys [][]byte) (jwtClaims, error) {
	var claims jwtClaims
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return claims, fmt.Errorf("%w: the token isn't three parts", errSignature)
	}
	newHash, err := jwtHash(parts[0])
	if err != nil {
		return claims, err
	}
	matched := false
	for _, key := range keys {
		want := base64.RawURLEncoding.EncodeToString(mac(newHash, key, parts[0], ".", parts[1]))
		matched = same(parts[2], want) || matched
	}
	if !matched {
		return claims, errSignature
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return claims, fmt.Errorf("%w: the token's claims can't be read", errSignature)
	}
	return claims, nil
}

func jwtHash(header string) (func() hash.Hash, error) {
	text, err := base64.RawURLEncoding.DecodeString(header)
	var named struct {
		Algorithm string `json:"alg"`
	}
	if err != nil || json.Unmarshal(text, &named) != nil {
		return nil, fmt.Errorf("%w: the token's header can't be read", errSignature)
	}
	h := map[string]func() hash.Hash{"HS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New}[named.Algorithm]
	if h == nil {
		return nil, fmt.Errorf("%w: the token's algorithm isn't taken", errSignature)
	}
	return h, nil
}

// coversBody says whether the claims are about this body: an empty one has no
// hash, any other has its own.
func (c jwtClaims) coversBody(body []byte) bool {
	if len(body) == 0 {
		return c.PayloadHash == nil
	}
	return c.PayloadHash != nil && same(*c.PayloadHash, hexSum(body))
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
