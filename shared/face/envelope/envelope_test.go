package envelope_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
	"pgregory.net/rapid"

	"nod/shared/face/envelope"
)

// keys are one pair of each kind for the whole test.
var keys = sync.OnceValue(func() envelope.Opener { return newKeys() })

func newKeys() envelope.Opener {
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	s, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return envelope.Opener{RSA: r, SM2: s}
}

func inPEM(kind string, der []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func publicKey(o envelope.Opener, algorithm string) []byte {
	if algorithm == envelope.SM4GCM {
		der, err := smx509.MarshalPKIXPublicKey(&o.SM2.PublicKey)
		return inPEM("PUBLIC KEY", der, err)
	}
	return inPEM("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&o.RSA.PublicKey), nil)
}

var algorithms = []string{envelope.AES256CBC, envelope.SM4GCM}

func sealer(t testing.TB, algorithm string) *envelope.Sealer {
	t.Helper()
	s, err := envelope.New(algorithm, publicKey(keys(), algorithm))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatIsSealedOpens(t *testing.T) {
	for _, algorithm := range algorithms {
		t.Run(algorithm, func(t *testing.T) {
			s := sealer(t, algorithm)
			rapid.Check(t, func(t *rapid.T) {
				values := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 70), 1, 5).Draw(t, "values")
				var names []string
				var before [][]byte
				for i, v := range values {
					names = append(names, fmt.Sprint("Field", i))
					before = append(before, bytes.Clone(v))
				}
				e, sealed, err := s.Seal(names, values)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.EqualFunc(values, before, bytes.Equal) {
					t.Fatal("the caller's values were changed")
				}
				if !slices.Equal(e.EncryptList, names) || e.Algorithm != algorithm {
					t.Fatalf("%+v", e)
				}
				got, err := keys().Open(e, sealed)
				if err != nil || !slices.EqualFunc(got, values, bytes.Equal) {
					t.Fatalf("opened %q, sealed %q (error: %v)", got, values, err)
				}
			})
		})
	}
}

func TestTheFormIsTheVendors(t *testing.T) {
	sizes := map[string]struct{ iv, blob, field, tags int }{
		envelope.AES256CBC: {16, 256, 32, 0},
		envelope.SM4GCM:    {12, 1 + 64 + 32 + 16, 18, 2},
	}
	for algorithm, want := range sizes {
		e, sealed, err := sealer(t, algorithm).Seal([]string{"IdCard", "Name"},
			[][]byte{[]byte("119999199001010012"), []byte("119999199001010012")})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(decode(t, e.Iv)); n != want.iv {
			t.Errorf("%s: Iv has %d bytes", algorithm, n)
		}
		if n := len(decode(t, e.CiphertextBlob)); n != want.blob {
			t.Errorf("%s: CiphertextBlob has %d bytes", algorithm, n)
		}
		if n := len(decode(t, string(sealed[0]))); n != want.field {
			t.Errorf("%s: a field has %d bytes", algorithm, n)
		}
		if !bytes.Equal(sealed[0], sealed[1]) {
			t.Errorf("%s: the fields of a request share key and vector at the vendor", algorithm)
		}
		if len(e.TagList) != want.tags {
			t.Errorf("%s: %d tags", algorithm, len(e.TagList))
		}
		for _, tag := range e.TagList {
			if n := len(decode(t, tag)); n != 16 {
				t.Errorf("%s: a tag has %d bytes", algorithm, n)
			}
		}
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		members := map[string]any{}
		if err := json.Unmarshal(text, &members); err != nil {
			t.Fatal(err)
		}
		if _, given := members["TagList"]; given != (want.tags > 0) || members["Iv"] != e.Iv || members["EncryptList"] == nil {
			t.Errorf("%s: %s", algorithm, text)
		}
	}
}

// The key is the vendor's by the plain form C1 || C3 || C2 of SM2.
func TestTheKeyIsInThePlainForm(t *testing.T) {
	e, _, err := sealer(t, envelope.SM4GCM).Seal([]string{"Name"}, [][]byte{nil})
	if err != nil {
		t.Fatal(err)
	}
	blob := decode(t, e.CiphertextBlob)
	if blob[0] != 4 {
		t.Errorf("C1 begins with %#x", blob[0])
	}
	otherWay, err := sm2.AdjustCiphertextSplicingOrder(blob, sm2.C1C3C2, sm2.C1C2C3)
	if err != nil {
		t.Fatal(err)
	}
	key, err := keys().SM2.Decrypt(nil, otherWay, sm2.NewPlainDecrypterOpts(sm2.C1C2C3))
	if err != nil || len(key) != 16 {
		t.Errorf("key of %d bytes (error: %v)", len(key), err)
	}
}

func TestTwoSealsOfTheSameValuesShareNothing(t *testing.T) {
	for _, algorithm := range algorithms {
		s := sealer(t, algorithm)
		values := [][]byte{[]byte("119999199001010012"), []byte("a name of twenty bytes")}
		seen := map[string]bool{}
		for range 20 {
			e, sealed, err := s.Seal([]string{"IdCard", "Name"}, values)
			if err != nil {
				t.Fatal(err)
			}
			texts := append([]string{e.Iv, e.CiphertextBlob, string(sealed[0]), string(sealed[1])}, e.TagList...)
			for _, text := range texts {
				if seen[text] {
					t.Fatalf("%s: %q a second time", algorithm, text)
				}
				seen[text] = true
			}
		}
	}
}

func TestAKeyThatDoesNotFitIsRefused(t *testing.T) {
	o := keys()
	pkix, err := x509.MarshalPKIXPublicKey(&o.RSA.PublicKey)
	rsaPKIX := inPEM("PUBLIC KEY", pkix, err)
	if _, err := envelope.New(envelope.AES256CBC, rsaPKIX); err != nil {
		t.Errorf("an RSA key in PKIX: %v", err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&other.PublicKey)
	p256 := inPEM("PUBLIC KEY", der, err)
	pkcs1, sm := publicKey(o, envelope.AES256CBC), publicKey(o, envelope.SM4GCM)
	tests := map[string]struct {
		algorithm string
		key       []byte
	}{
		"an algorithm unknown to the vendor": {"AES-128-CBC", pkcs1},
		"no algorithm":                       {"", pkcs1},
		"no key":                             {envelope.AES256CBC, nil},
		"AES with a key of SM2":              {envelope.AES256CBC, sm},
		"AES with a key of P-256":            {envelope.AES256CBC, p256},
		"SM4 with a key of RSA":              {envelope.SM4GCM, rsaPKIX},
		"SM4 with a key of RSA in PKCS#1":    {envelope.SM4GCM, pkcs1},
		"SM4 with a key of P-256":            {envelope.SM4GCM, p256},
		"two keys":                           {envelope.AES256CBC, append(bytes.Clone(pkcs1), pkcs1...)},
		"another kind of block":              {envelope.AES256CBC, bytes.ReplaceAll(pkcs1, []byte("RSA PUBLIC"), []byte("RSA PRIVATE"))},
		"rubbish in the block":               {envelope.AES256CBC, pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: []byte("rubbish")})},
	}
	for name, tt := range tests {
		if _, err := envelope.New(tt.algorithm, tt.key); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestValuesNeedNames(t *testing.T) {
	s := sealer(t, envelope.AES256CBC)
	if _, _, err := s.Seal([]string{"Name"}, nil); err == nil {
		t.Error("a name without a value")
	}
	if _, _, err := s.Seal(nil, nil); err == nil {
		t.Error("nothing at all")
	}
}

// Sixteen fields, because one that was opened with a wrong key looks well padded once in
// 256 times.
func TestWhateverIsWrongHasOneError(t *testing.T) {
	other := newKeys()
	for _, algorithm := range algorithms {
		names, values := make([]string, 16), make([][]byte, 16)
		for i := range names {
			names[i], values[i] = fmt.Sprint("Field", i), []byte("119999199001010012")
		}
		good, sealed, err := sealer(t, algorithm).Seal(names, values)
		if err != nil {
			t.Fatal(err)
		}
		wrong := map[string]func(*envelope.Encryption, *[][]byte, *envelope.Opener){
			"keys of others":    func(_ *envelope.Encryption, _ *[][]byte, o *envelope.Opener) { *o = other },
			"no keys":           func(_ *envelope.Encryption, _ *[][]byte, o *envelope.Opener) { *o = envelope.Opener{} },
			"unknown algorithm": func(e *envelope.Encryption, _ *[][]byte, _ *envelope.Opener) { e.Algorithm = "DES" },
			"other algorithm": func(e *envelope.Encryption, _ *[][]byte, _ *envelope.Opener) {
				e.Algorithm = algorithms[1-slices.Index(algorithms, algorithm)]
			},
			"no fields":          func(e *envelope.Encryption, v *[][]byte, _ *envelope.Opener) { e.EncryptList, *v = nil, nil },
			"a field is missing": func(_ *envelope.Encryption, v *[][]byte, _ *envelope.Opener) { *v = (*v)[1:] },
			"a field is not base64": func(_ *envelope.Encryption, v *[][]byte, _ *envelope.Opener) {
				*v = append([][]byte{[]byte("***")}, (*v)[1:]...)
			},
			"a field is shorter": func(_ *envelope.Encryption, v *[][]byte, _ *envelope.Opener) {
				*v = append([][]byte{[]byte("AAAA")}, (*v)[1:]...)
			},
			"vector is shorter":   func(e *envelope.Encryption, _ *[][]byte, _ *envelope.Opener) { e.Iv = "AAAA" },
			"vector is no base64": func(e *envelope.Encryption, _ *[][]byte, _ *envelope.Opener) { e.Iv = "***" },
			"key is no base64":    func(e *envelope.Encryption, _ *[][]byte, _ *envelope.Opener) { e.CiphertextBlob = "***" },
			"key is empty":        func(e *envelope.Encryption, _ *[][]byte, _ *envelope.Opener) { e.CiphertextBlob = "" },
			"key is altered": func(e *envelope.Encryption, _ *[][]byte, _ *envelope.Opener) {
				e.CiphertextBlob = alter(t, e.CiphertextBlob)
			},
			"a tag too many": func(e *envelope.Encryption, _ *[][]byte, _ *envelope.Opener) {
				e.TagList = append(slices.Clone(e.TagList), strings.Repeat("A", 22)+"==")
			},
		}
		if algorithm == envelope.SM4GCM {
			wrong["a tag is altered"] = func(e *envelope.Encryption, _ *[][]byte, _ *envelope.Opener) {
				e.TagList = append([]string{alter(t, e.TagList[0])}, e.TagList[1:]...)
			}
			wrong["a tag is shorter"] = func(e *envelope.Encryption, _ *[][]byte, _ *envelope.Opener) {
				e.TagList = append([]string{"AAAA"}, e.TagList[1:]...)
			}
		}
		for name, spoil := range wrong {
			e, v, o := good, slices.Clone(sealed), keys()
			spoil(&e, &v, &o)
			if values, err := o.Open(e, v); values != nil || err == nil || err.Error() != envelope.ErrOpen.Error() {
				t.Errorf("%s, %s: %q, %v", algorithm, name, values, err)
			}
		}
	}
}

func TestKeysAreNotPrinted(t *testing.T) {
	o := keys()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{o.RSA.D.String(), o.SM2.D.String()}
	for _, print := range []string{fmt.Sprint(o), fmt.Sprintf("%+v", o), fmt.Sprintf("%#v", &o), string(text)} {
		for _, secret := range secrets {
			if strings.Contains(print, secret) {
				t.Errorf("printed: %.40s", print)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	for _, algorithm := range algorithms {
		e, sealed, err := sealer(f, algorithm).Seal([]string{"Name"}, [][]byte{[]byte("name")})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(e.Algorithm, e.CiphertextBlob, e.Iv, strings.Join(e.TagList, ""), sealed[0])
	}
	f.Fuzz(func(t *testing.T, algorithm, blob, iv, tag string, sealed []byte) {
		e := envelope.Encryption{EncryptList: []string{"Name"}, CiphertextBlob: blob, Iv: iv, Algorithm: algorithm}
		if tag != "" {
			e.TagList = []string{tag}
		}
		if values, err := keys().Open(e, [][]byte{sealed}); (err != nil) != (values == nil) || err != nil && !errors.Is(err, envelope.ErrOpen) {
			t.Errorf("%q, %v", values, err)
		}
	})
}

func decode(t testing.TB, text string) []byte {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// alter changes one bit in the middle.
func alter(t testing.TB, text string) string {
	data := decode(t, text)
	data[len(data)/2] ^= 1
	return base64.StdEncoding.EncodeToString(data)
}
