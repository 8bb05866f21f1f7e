package tencent

import (
	"strings"
	"testing"

	"nod/shared/domain"
)

// The vendor's own classes, as its documents give them.
var documented = map[string][]string{
	"person can retake": {
		"FailedOperation.FaceQualityNotQualified", "FailedOperation.FaceSizeTooSmall",
		"FailedOperation.ImageFacedetectFailed", "InvalidParameterValue.NoFaceInPhoto",
	},
	"bad image": {
		"FailedOperation.ImageDecodeFailed", "FailedOperation.ImageResolutionExceed", "FailedOperation.ImageResolutionTooSmall",
		"FailedOperation.ImageSizeExceed", "InvalidParameterValue.ImageEmpty", "LimitExceeded.ErrorFaceNumExceed",
	},
	"bad reference": {"FailedOperation.ImageDownloadError", "InvalidParameterValue.UrlIllegal"},
	"transient": {
		"FailedOperation.RequestTimeout", "FailedOperation.RpcFail", "FailedOperation.ServerError", "FailedOperation.UnKnowError",
		"InternalError", "RequestLimitExceeded",
	},
	"operator must act": {
		"InvalidParameterValue.FaceModelVersionIllegal", "InvalidParameterValue.QualityControlIllegal",
		"MissingParameter.ErrorParameterEmpty", "InvalidParameter.InvalidParameter",
		"AuthFailure.InvalidAuthorization", "AuthFailure.InvalidSecretId", "AuthFailure.MFAFailure", "AuthFailure.SecretIdNotFound",
		"AuthFailure.SignatureExpire", "AuthFailure.SignatureFailure", "AuthFailure.TokenFailure", "AuthFailure.UnauthorizedOperation",
		"AuthFailure.SomethingNew",
		"ResourceUnavailable.InArrears", "ResourceUnavailable.LowBalance", "ResourceUnavailable.Freeze", "ResourceUnavailable.StopUsing",
		"ResourceUnavailable.NotExist", "ResourceUnavailable.Recover", "ResourceUnavailable.Delivering", "ResourceUnavailable.UnknownStatus",
		"ResourcesSoldOut.ChargeStatusException", "UnsupportedOperation.UnknowMethod",
	},
}

var classes = map[string][]domain.Reason{
	"person can retake": {domain.NoFace, domain.FaceTooSmall, domain.FaceUnclear},
	"bad image":         {domain.ImageRejected},
	"bad reference":     {domain.ReferenceBad},
	"transient":         {domain.FaceAPIBusy, domain.FaceAPISlow, domain.FaceAPIDown},
	"operator must act": {domain.FaceAPIRefused},
}

func TestEveryDocumentedCodeIsMappedWithinItsClass(t *testing.T) {
	for class, names := range documented {
		for _, name := range names {
			o := Meaning(name)
			in := false
			for _, r := range classes[class] {
				in = in || o.Reason == r
			}
			if !in || o.Result != domain.NotPerformed {
				t.Errorf("%s (%s): %+v", name, class, o)
			}
		}
	}
	for name, want := range map[string]domain.Reason{
		"FailedOperation.FaceQualityNotQualified": domain.FaceUnclear, "FailedOperation.FaceSizeTooSmall": domain.FaceTooSmall,
		"FailedOperation.ImageFacedetectFailed": domain.NoFace, "InvalidParameterValue.NoFaceInPhoto": domain.NoFace,
		"RequestLimitExceeded": domain.FaceAPIBusy, "RequestLimitExceeded.UinLimitExceeded": domain.FaceAPIBusy,
		"FailedOperation.RequestTimeout": domain.FaceAPISlow, "InternalError": domain.FaceAPIDown,
	} {
		if got := Meaning(name); got.Reason != want {
			t.Errorf("%s: %s, want %s", name, got.Reason, want)
		}
	}
}

func TestACodeThatIsNotListedIsUnknownAndNoVerdict(t *testing.T) {
	for _, name := range []string{"", "FailedOperation", "FailedOperation.New", "authfailure.SignatureFailure", "Score", "100", ".*", "AuthFailureX.Y"} {
		got := Meaning(name)
		got.Upstream = ""
		if got != domain.Inconclusive(domain.FaceAPIUnknown) {
			t.Errorf("%q: %+v", name, got)
		}
	}
}

// The operator's log is told the vendor's code, if it looks like one, and nothing else.
func TestOnlyACodeIsPassedOnToTheLog(t *testing.T) {
	for _, name := range []string{"FailedOperation.New", "InternalError", "ClientError.NetworkError", "AuthFailure.MFAFailure"} {
		if got := Meaning(name).Upstream; got != name {
			t.Errorf("%q became %q", name, got)
		}
	}
	for _, text := range []string{"", "100", "87.25", "score 87", "emp-1029", "陈伟", "A.b", "A." + strings.Repeat("x", 100), "Failed\nOperation"} {
		if got := Meaning(text).Upstream; got != "" {
			t.Errorf("%q is passed on as %q", text, got)
		}
	}
}

func TestNoCodeIsListedTwiceAndNoneIsAVerdict(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Codes {
		if seen[c.name] {
			t.Errorf("%s stands twice", c.name)
		}
		seen[c.name] = true
		o := Meaning(c.name)
		if o.Result != domain.NotPerformed || o.Reason != c.reason || o.Reason == domain.FaceAPIUnknown || o.Liveness {
			t.Errorf("%s: %+v", c.name, o)
		}
		if (o.RetryAfter > 0) != (o.Reason == domain.FaceAPIBusy) {
			t.Errorf("%s: retry after %v", c.name, o.RetryAfter)
		}
	}
}
