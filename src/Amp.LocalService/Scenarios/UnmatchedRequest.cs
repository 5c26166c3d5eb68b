namespace Amp.LocalService.Scenarios;

/// <summary>What happens to a model request that no rule matches.</summary>
public enum UnmatchedRequest
{
    /// <summary>The default answers: <c>RUN:</c> calls, tool results and echoes.</summary>
    DefaultAnswer,

    /// <summary>An <c>invalid_request_error</c> that shows the request, so that a test fails at the prompt it did not foresee.</summary>
    Error,
}
