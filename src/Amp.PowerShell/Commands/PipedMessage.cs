using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Management.Automation;
using System.Text;
using System.Text.Json;
using Amp.Messages;
using Amp.Records;

namespace Amp.PowerShell.Pipeline;

/// <summary>Reads a message of a run from the pipeline: a live one, or one from a transcript, a job, a remote session or Clixml.</summary>
internal static class PipedMessage
{
    /// <summary>Reads a message, with what is known of its run in addition.</summary>
    /// <returns>False if the object is something else.</returns>
    public static bool TryRead(PSObject? given, [NotNullWhen(true)] out StreamMessage? message, out UsageOrigin origin)
    {
        message = given?.BaseObject as StreamMessage;
        origin = UsageOrigin.Unknown;
        if (given is null)
        {
            return false;
        }

        if (message is not null)
        {
            origin = OriginOf(given, message);
            origin = message is ResultMessage result && OutcomeOf(given, result.Outcome) is ResultOutcome failed && failed != result.Outcome ? origin with { Outcome = failed } : origin;
            return true;
        }

        message = Restored(given);
        if (message is null)
        {
            return false;
        }

        origin = OriginOf(given, message) with
        {
            Usage = message is ResultMessage ? UsageOf(given) : null,
            Turns = (int?)Number(given, nameof(ResultMessage.NumTurns)),
            ToolUses = (int?)Number(given, nameof(ResultMessage.ToolUseCount)),
            Outcome = OutcomeOf(given, Enum.TryParse(Text(given, nameof(ResultMessage.Outcome)), out ResultOutcome outcome) ? outcome : null),
        };
        return true;
    }

    // A run can fail after its result: the error is beside it.
    private static ResultOutcome? OutcomeOf(PSObject given, ResultOutcome? outcome) =>
        outcome is ResultOutcome.Succeeded && Text(given, "ErrorId") is { Length: > 0 } errorId ? FailedResult.OutcomeOf(errorId) : outcome;

    // Messages of several runs of one call have their number and prompt beside them, and those of another machine its name. A job calls this one localhost.
    private static UsageOrigin OriginOf(PSObject given, StreamMessage message)
    {
        if (message.Source is not null)
        {
            return UsageOrigin.Unknown;
        }

        string? prompt = Text(given, "Prompt");
        long? run = prompt is null ? null : Number(given, "RunId");
        string? host = Text(given, "PSComputerName");
        return new UsageOrigin
        {
            Prompt = prompt,
            RunKey = run is null ? null : (run, message.SessionId),
            HostName = string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) ? null : host,
        };
    }

    // From a job, a remote session or Clixml.
    private static StreamMessage? Restored(PSObject given)
    {
        if (!given.TypeNames.Any(name => name.StartsWith("Deserialized.Amp.", StringComparison.Ordinal)) || Text(given, nameof(StreamMessage.RawJson)) is not string line)
        {
            return null;
        }

        try
        {
            StreamMessage message = new MessageParser().Parse(Encoding.UTF8.GetBytes(line));
            message.TimeTicks = given.Properties[nameof(StreamMessage.Time)]?.Value is object value && LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out DateTimeOffset time)
                ? time.UtcTicks
                : 0;
            return message;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static StepUsage? UsageOf(PSObject given) => given.Properties[nameof(ResultMessage.Usage)]?.Value is not object value ? null : new StepUsage(
        Number(PSObject.AsPSObject(value), nameof(TokenUsage.InputTokens)) ?? 0,
        Number(PSObject.AsPSObject(value), nameof(TokenUsage.OutputTokens)) ?? 0,
        Number(PSObject.AsPSObject(value), nameof(TokenUsage.CacheCreationInputTokens)) ?? 0,
        Number(PSObject.AsPSObject(value), nameof(TokenUsage.CacheReadInputTokens)) ?? 0);

    private static string? Text(PSObject given, string name) => given.Properties[name]?.Value?.ToString();

    private static long? Number(PSObject given, string name) =>
        given.Properties[name]?.Value is object value && LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out long number) ? number : null;
}
