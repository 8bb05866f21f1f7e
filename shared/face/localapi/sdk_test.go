package localapi

import (
	"encoding/base64"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	iai "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/iai/v20200303"

	"nod/shared/face/localapi/portraits"
)

// vendorClient is the vendor's own client, which signs without knowing our code.
func vendorClient(t *testing.T, server *httptest.Server, credential common.CredentialIface) *iai.Client {
	t.Helper()
	p := profile.NewClientProfile()
	p.HttpProfile.Scheme = "HTTP"
	p.HttpProfile.Endpoint = strings.TrimPrefix(server.URL, "http://")
	p.HttpProfile.ReqTimeout = 60
	client, err := iai.NewClient(credential, "ap-guangzhou", p)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func serve(t *testing.T, o Options) *httptest.Server {
	t.Helper()
	api, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(api)
	t.Cleanup(s.Close)
	return s
}

func comparing(a, b []byte) *iai.CompareFaceRequest {
	r := iai.NewCompareFaceRequest()
	r.ImageA = common.StringPtr(base64.StdEncoding.EncodeToString(a))
	r.ImageB = common.StringPtr(base64.StdEncoding.EncodeToString(b))
	r.FaceModelVersion = common.StringPtr("3.0")
	r.QualityControl = common.Uint64Ptr(1)
	return r
}

func codeOf(t *testing.T, err error) string {
	t.Helper()
	e := new(sdkerrors.TencentCloudSDKError)
	if !errors.As(err, &e) {
		t.Fatalf("the vendor's client says %v", err)
	}
	if e.RequestId == "" {
		t.Error("an error without a request id")
	}
	return e.Code
}

func TestVendorsClientComparesFaces(t *testing.T) {
	server := serve(t, Options{SecretID: testID, SecretKey: testKey})
	client := vendorClient(t, server, common.NewCredential(testID, testKey))
	answer, err := client.CompareFace(comparing(portraits.Collins, portraits.Collins))
	if err != nil {
		t.Fatal(err)
	}
	if r := answer.Response; *r.Score != 100 || *r.FaceModelVersion != "3.0" || *r.RequestId == "" {
		t.Errorf("answer %s", answer.ToJsonString())
	}
	_, err = client.CompareFace(comparing(blank(100, 100), portraits.Collins))
	if code := codeOf(t, err); code != iai.INVALIDPARAMETERVALUE_NOFACEINPHOTO {
		t.Errorf("without a face: %s", code)
	}
	_, err = client.DetectLiveFaceAccurate(iai.NewDetectLiveFaceAccurateRequest())
	if code := codeOf(t, err); code != iai.UNSUPPORTEDOPERATION_UNKNOWMETHOD {
		t.Errorf("liveness: %s", code)
	}
}

func TestVendorsClientIsRefusedWithoutTheRightKey(t *testing.T) {
	permanent := serve(t, Options{SecretID: testID, SecretKey: testKey})
	temporary := serve(t, Options{SecretID: testID, SecretKey: testKey, Token: "token"})
	for _, c := range []struct {
		name       string
		server     *httptest.Server
		credential common.CredentialIface
		want       string
	}{
		{"wrong key", permanent, common.NewCredential(testID, "wrong"), "AuthFailure.SignatureFailure"},
		{"unknown id", permanent, common.NewCredential("AKIDother", testKey), "AuthFailure.SecretIdNotFound"},
		{"token for a permanent key", permanent, common.NewTokenCredential(testID, testKey, "token"), "AuthFailure.TokenFailure"},
		{"no token", temporary, common.NewCredential(testID, testKey), "AuthFailure.TokenFailure"},
		{"wrong token", temporary, common.NewTokenCredential(testID, testKey, "wrong"), "AuthFailure.TokenFailure"},
		{"right token", temporary, common.NewTokenCredential(testID, testKey, "token"), "InvalidParameterValue.NoFaceInPhoto"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := vendorClient(t, c.server, c.credential).CompareFace(comparing(blank(64, 64), blank(64, 64)))
			if code := codeOf(t, err); code != c.want {
				t.Errorf("%s, want %s", code, c.want)
			}
		})
	}
}

// A client that cannot sign must still get the answer and not a broken connection,
// however much it has to send.
func TestVendorsClientLearnsWhyALargeRequestWasRefused(t *testing.T) {
	server := serve(t, Options{SecretID: testID, SecretKey: testKey})
	client := vendorClient(t, server, common.NewCredential("AKIDother", testKey))
	_, err := client.CompareFace(comparing(make([]byte, 3<<20), make([]byte, 3<<20)))
	if code := codeOf(t, err); code != "AuthFailure.SecretIdNotFound" {
		t.Errorf("got %s", code)
	}
}
