namespace Amp.LocalService.Scenarios;

/// <summary>An error answer as the model's provider gives it.</summary>
/// <param name="Status">The HTTP status, 400 to 599.</param>
public sealed record ServiceError(int Status)
{
    /// <summary>The error's type; null for the usual one of the status.</summary>
    public string? Type { get; init; }

    /// <summary>The message for people; null for the usual one of the status.</summary>
    public string? Message { get; init; }

    /// <summary>The value of the <c>Retry-After</c> header.</summary>
    public TimeSpan? RetryAfter { get; init; }

    internal string EffectiveType => Type ?? Status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };

    internal string EffectiveMessage => Message ?? Status switch
    {
        401 => "invalid x-api-key",
        429 => "This request would exceed your rate limit",
        529 => "Overloaded",
        >= 500 => "Internal server error",
        _ => $"The scenario answers with status {Status}",
    };
}
