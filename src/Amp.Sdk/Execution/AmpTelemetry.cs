using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Amp;

/// <summary>
/// The traces and metrics of runs, and of turns of sessions that are read as they happen, with the names of OpenTelemetry's conventions for generative AI (version 1.37.0).
/// Without a listener, nothing is measured.
/// </summary>
/// <remarks>
/// A run is the activity <c>invoke_agent Amp</c>, and each tool call is an activity <c>execute_tool NAME</c> in it. The metrics are
/// <c>gen_ai.client.operation.duration</c> in seconds and <c>gen_ai.client.token.usage</c> in tokens. The CLI gets the context of the activity in the
/// variables <c>TRACEPARENT</c> and <c>TRACESTATE</c>, and the code of your tools runs in this context. In a session, it is the activity of the turn that started the process.
/// </remarks>
public static class AmpTelemetry
{
    /// <summary>The name of the <see cref="ActivitySource"/> and of the <see cref="Meter"/>.</summary>
    public const string SourceName = "Amp.Sdk";

    private static readonly string? s_version = typeof(AmpTelemetry).Assembly.GetName().Version?.ToString(3);
    private static readonly Meter s_meter = new(SourceName, s_version);

    /// <summary>
    /// Whether activities also contain prompts, answers, and arguments and results of tools, without the secrets of the run. Off by default, unless the
    /// variable <c>OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT</c> is <c>true</c>.
    /// </summary>
    public static bool CapturesContent { get; set; } = string.Equals(
        Environment.GetEnvironmentVariable("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"), "true", StringComparison.OrdinalIgnoreCase);

    internal static ActivitySource Source { get; } = new(SourceName, s_version);

    internal static Histogram<double> Duration { get; } =
        s_meter.CreateHistogram<double>("gen_ai.client.operation.duration", "s", "The duration of a run or a turn.");

    internal static Histogram<long> Tokens { get; } =
        s_meter.CreateHistogram<long>("gen_ai.client.token.usage", "{token}", "The tokens that a run or a turn used.");

    internal static bool IsOn => Source.HasListeners() || Duration.Enabled || Tokens.Enabled;
}
