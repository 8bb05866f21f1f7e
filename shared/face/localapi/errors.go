package localapi

// apiError is an error as the caller sees it. Its message is a fixed sentence: nothing
// of a request, least of all of an image or an address, is ever repeated in it.
type apiError struct{ Code, Message string }

func (e *apiError) Error() string { return e.Code }

// The vendor's common errors, of its gateway.
var (
	errInvalidAuthorization = &apiError{"AuthFailure.InvalidAuthorization", "The Authorization header is not of the form that TC3-HMAC-SHA256 asks for."}
	errSecretIDNotFound     = &apiError{"AuthFailure.SecretIdNotFound", "No such SecretId."}
	errSignatureExpire      = &apiError{"AuthFailure.SignatureExpire", "X-TC-Timestamp is more than five minutes away from the time here."}
	errSignatureFailure     = &apiError{"AuthFailure.SignatureFailure", "The signature is not the one that this request has with this SecretId."}
	errTokenFailure         = &apiError{"AuthFailure.TokenFailure", "X-TC-Token does not belong to this SecretId."}
	errMissingHeader        = &apiError{"MissingParameter", "X-TC-Action, X-TC-Version and X-TC-Timestamp (seconds since 1970) are required."}
	errNoSuchVersion        = &apiError{"NoSuchVersion", "The services here are iai of version 2020-03-03 and faceid of version 2018-03-01."}
	errRequestSize          = &apiError{"RequestSizeLimitExceeded", "The request is larger than 10 MB."}
	errUnknownParameter     = &apiError{"UnknownParameter", "The request has a field that the local face API does not know in this action."}
	errInternal             = &apiError{"InternalError", "The local face API failed; the fault is its own."}
)

// The errors of the face service.
var (
	errUnknownMethod  = &apiError{"UnsupportedOperation.UnknowMethod", "The local face API knows CompareFace only in this service. It has no liveness: it cannot tell a face from a photograph of one."}
	errParameter      = &apiError{"InvalidParameter.InvalidParameter", "The request is not a JSON object with the parameters of the action, in application/json."}
	errParameterEmpty = &apiError{"MissingParameter.ErrorParameterEmpty", "Each side needs an image or an address."}
	errImageEmpty     = &apiError{"InvalidParameterValue.ImageEmpty", "The image is empty."}
	errURLIllegal     = &apiError{"InvalidParameterValue.UrlIllegal", "An image's address must be a plain http or https URL."}
	errModelVersion   = &apiError{"InvalidParameterValue.FaceModelVersionIllegal", "Send FaceModelVersion 3.0; scores of other versions mean something else."}
	errQualityControl = &apiError{"InvalidParameterValue.QualityControlIllegal", "QualityControl must be 0 to 4."}
	errNoFace         = &apiError{"InvalidParameterValue.NoFaceInPhoto", "There is no face in the picture."}
	errDownload       = &apiError{"FailedOperation.ImageDownloadError", "The image could not be downloaded."}
	errDecode         = &apiError{"FailedOperation.ImageDecodeFailed", "The image is not a readable PNG, JPG or BMP in base64."}
	errImageSize      = &apiError{"FailedOperation.ImageSizeExceed", "The image is larger than 5 MB in base64."}
	errTooManyPixels  = &apiError{"FailedOperation.ImageResolutionExceed", "The image's longer side exceeds 4000 pixels (JPG) or 2000 (others)."}
	errTooFewPixels   = &apiError{"FailedOperation.ImageResolutionTooSmall", "The image's shorter side has less than 64 pixels."}
	errFaceSize       = &apiError{"FailedOperation.FaceSizeTooSmall", "The face is too small."}
	errFaceQuality    = &apiError{"FailedOperation.FaceQualityNotQualified", "The picture of the face does not meet the quality asked for."}
	errFaceDetect     = &apiError{"FailedOperation.ImageFacedetectFailed", "The face cannot be read."}
	errTimeout        = &apiError{"FailedOperation.RequestTimeout", "The comparison took too long."}
)

// The errors of the real-name service, whose failures are mostly Results and not errors.
var (
	errInvalidAction    = &apiError{"InvalidAction", "The local face API knows IdCardVerification, ImageRecognitionV2, DetectAuth and GetDetectInfoEnhanced in this service."}
	errInvalidParameter = &apiError{"InvalidParameter", "The request is not a JSON object with the parameters of the action, in application/json."}
	errInvalidValue     = &apiError{"InvalidParameterValue", "A parameter has a value that it cannot have, or one that is needed is missing."}
	errEncryptField     = &apiError{"InvalidParameter.UnsupportEncryptField", "EncryptList must name IdCard and Name, as far as they are given, once and nothing else."}
	errDecrypt          = &apiError{"FailedOperation.DecryptSystemError", "The encrypted fields cannot be opened."}
	errNoSuchRule       = &apiError{"InvalidParameterValue.RuleIdNotExist", "No such RuleId."}
	errTokenIllegal     = &apiError{"InvalidParameterValue.BizTokenIllegal", "BizToken is not of the form that DetectAuth gives."}
	errTokenExpired     = &apiError{"InvalidParameterValue.BizTokenExpired", "BizToken is not known, or no longer."}
	errTooManyTokens    = &apiError{"RequestLimitExceeded", "Too many people are on their way through the hosted page."}
)
