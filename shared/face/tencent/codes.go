package tencent

import (
	"regexp"
	"strings"
	"time"

	"nod/shared/domain"
)

// code is what one error code of the vendor means to Nod.
type code struct {
	name   string
	reason domain.Reason
}

// Codes is every error code that the vendor documents for CompareFace and
// DetectLiveFaceAccurate (SDK model iai/v20200303, errors.go), and for the four calls of
// FaceID that Nod makes (faceid/v20180301) where they arrive as errors; a name that ends in
// .* stands for those of its class that are not listed. One that is not listed is
// FaceAPIUnknown: never a pass, never a fail. docs/face-api-codes.md is made from it.
var Codes = []code{
	// The person can take another picture.
	{"FailedOperation.FaceQualityNotQualified", domain.FaceUnclear},
	{"FailedOperation.FaceSizeTooSmall", domain.FaceTooSmall},
	{"FailedOperation.ImageFacedetectFailed", domain.NoFace},
	{"InvalidParameterValue.NoFaceInPhoto", domain.NoFace},

	// One of the two images cannot be used; the reference is the LMS's to mend.
	{"FailedOperation.ImageDecodeFailed", domain.ImageRejected},
	{"FailedOperation.ImageResolutionExceed", domain.ImageRejected},
	{"FailedOperation.ImageResolutionTooSmall", domain.ImageRejected},
	{"FailedOperation.ImageSizeExceed", domain.ImageRejected},
	{"InvalidParameterValue.ImageEmpty", domain.ImageRejected},
	{"LimitExceeded.ErrorFaceNumExceed", domain.ImageRejected},
	{"FailedOperation.ImageDownloadError", domain.ReferenceBad},
	{"InvalidParameterValue.UrlIllegal", domain.ReferenceBad},

	// It may work in a moment.
	{"RequestLimitExceeded", domain.FaceAPIBusy},
	{"RequestLimitExceeded.*", domain.FaceAPIBusy},
	{"FailedOperation.RequestLimitExceeded", domain.FaceAPIBusy},
	{"FailedOperation.RequestTimeout", domain.FaceAPISlow},
	{"FailedOperation.RpcFail", domain.FaceAPIDown},
	{"FailedOperation.ServerError", domain.FaceAPIDown},
	{"FailedOperation.UnKnowError", domain.FaceAPIDown},
	{"InternalError", domain.FaceAPIDown},

	// The operator must act.
	{"AuthFailure.InvalidAuthorization", domain.FaceAPIRefused},
	{"AuthFailure.InvalidSecretId", domain.FaceAPIRefused},
	{"AuthFailure.MFAFailure", domain.FaceAPIRefused},
	{"AuthFailure.SecretIdNotFound", domain.FaceAPIRefused},
	{"AuthFailure.SignatureExpire", domain.FaceAPIRefused},
	{"AuthFailure.SignatureFailure", domain.FaceAPIRefused},
	{"AuthFailure.TokenFailure", domain.FaceAPIRefused},
	{"AuthFailure.UnauthorizedOperation", domain.FaceAPIRefused},
	{"AuthFailure.*", domain.FaceAPIRefused},
	{"InvalidParameter.InvalidParameter", domain.FaceAPIRefused},
	{"InvalidParameterValue.FaceModelVersionIllegal", domain.FaceAPIRefused},
	{"InvalidParameterValue.QualityControlIllegal", domain.FaceAPIRefused},
	{"MissingParameter.ErrorParameterEmpty", domain.FaceAPIRefused},
	{"ResourceUnavailable.InArrears", domain.FaceAPIRefused},
	{"ResourceUnavailable.LowBalance", domain.FaceAPIRefused},
	{"ResourceUnavailable.Freeze", domain.FaceAPIRefused},
	{"ResourceUnavailable.StopUsing", domain.FaceAPIRefused},
	{"ResourceUnavailable.NotExist", domain.FaceAPIRefused},
	{"ResourceUnavailable.Recover", domain.FaceAPIRefused},
	{"ResourceUnavailable.Delivering", domain.FaceAPIRefused},
	{"ResourceUnavailable.UnknownStatus", domain.FaceAPIRefused},
	{"ResourcesSoldOut.ChargeStatusException", domain.FaceAPIRefused},
	{"UnsupportedOperation.UnknowMethod", domain.FaceAPIRefused},

	// Of FaceID alone.
	{"InvalidParameterValue.BizTokenExpired", domain.HostedExpired},
	{"InvalidParameterValue.BizTokenIllegal", domain.HostedExpired},
	{"FailedOperation.UnKnown", domain.FaceAPIDown},
	{"InternalError.UnKnown", domain.FaceAPIDown},
	{"FailedOperation.DecryptSystemError", domain.FaceAPIRefused},
	{"FailedOperation.StsUnAuthErrError", domain.FaceAPIRefused},
	{"InternalError.EncryptSystemError", domain.FaceAPIRefused},
	{"InvalidParameter.RuleId", domain.FaceAPIRefused},
	{"InvalidParameter.UnsupportEncryptField", domain.FaceAPIRefused},
	{"InvalidParameterValue.RuleIdDisabled", domain.FaceAPIRefused},
	{"InvalidParameterValue.RuleIdNotExist", domain.FaceAPIRefused},
	{"OperationDenied", domain.FaceAPIRefused},
	{"UnauthorizedOperation", domain.FaceAPIRefused},
	{"UnauthorizedOperation.ActivateError", domain.FaceAPIRefused},
	{"UnauthorizedOperation.Activating", domain.FaceAPIRefused},
	{"UnauthorizedOperation.Arrears", domain.FaceAPIRefused},
	{"UnauthorizedOperation.ChargeStatusException", domain.FaceAPIRefused},
	{"UnauthorizedOperation.NonAuthorize", domain.FaceAPIRefused},
	{"UnauthorizedOperation.Nonactivated", domain.FaceAPIRefused},
	{"UnauthorizedOperation.*", domain.FaceAPIRefused},
}

var byName = func() map[string]domain.Reason {
	m := make(map[string]domain.Reason, len(Codes))
	for _, c := range Codes {
		m[c.name] = c.reason
	}
	return m
}()

// busyFor is how long a caller waits before it tries again when the vendor's
// allowance (50 calls a second by default) is used up.
const busyFor = 2 * time.Second

// spelled is how the vendor's codes are: of one that is not known, only such a word goes
// into a log. It begins with a class of the vendor's and has no digits, so that an answer
// that quotes a name or a number does not put it there.
var spelled = regexp.MustCompile(`^(AuthFailure|ClientError|FailedOperation|InternalError|InvalidAction|InvalidParameter|InvalidParameterValue|LimitExceeded|` +
	`MissingParameter|NoSuchVersion|OperationDenied|RequestLimitExceeded|ResourceInsufficient|ResourceNotFound|ResourceUnavailable|ResourcesSoldOut|` +
	`UnauthorizedOperation|UnknownParameter|UnsupportedOperation|UnsupportedProtocol|UnsupportedRegion)(\.[A-Z][A-Za-z]{1,60})?$`)

// Meaning maps an error code of the vendor to an outcome without verdict.
func Meaning(name string) domain.Outcome {
	reason, listed := byName[name]
	known := listed
	if !known {
		class, _, _ := strings.Cut(name, ".")
		reason, known = byName[class+".*"]
	}
	if !known {
		reason = domain.FaceAPIUnknown
	}
	o := domain.Inconclusive(reason)
	if listed || spelled.MatchString(name) {
		o.Upstream = name
	}
	if reason == domain.FaceAPIBusy {
		o.RetryAfter = busyFor
	}
	return o
}
