using System.Globalization;
using System.Management.Automation;
using System.Text;
using System.Text.Json;
using Amp.Messages;
using Amp.PowerShell.Pipeline;
using Amp.Records;

namespace Amp.PowerShell.Commands;

/// <summary>Adds up the tokens, turns, tool uses, times and costs of runs, from their messages or results.</summary>
/// <example>
///   <code>Import-AmpTranscript ./runs/ | Measure-AmpUsage Day, Outcome</code>
/// </example>
[Cmdlet(VerbsDiagnostic.Measure, "AmpUsage")]
[OutputType(typeof(UsageTotal))]
public sealed class MeasureAmpUsageCommand : AmpCmdlet
{
    private UsageCounter? _counter;

    /// <summary>Messages of runs, or only their results: live, from <c>Import-AmpTranscript</c>, or from a job or Clixml.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [AllowNull]
    public PSObject? InputObject { get; set; }

    /// <summary>What to group the runs by. By default, there is one row for all runs.</summary>
    [Parameter(Position = 0)]
    [Alias("GroupBy")]
    public UsageProperty[]? Property { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _counter = new UsageCounter(Property ?? []);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (InputObject?.BaseObject is StreamMessage message)
        {
            _counter!.Add(message, OriginOf(InputObject, message));
        }
        else if (InputObject is not null && Restored(InputObject) is StreamMessage restored)
        {
            _counter!.Add(restored, OriginOf(InputObject, restored) with
            {
                Usage = restored is ResultMessage { Usage: null } ? UsageOf(InputObject) : null,
                ToolUses = (int?)Number(InputObject, nameof(ResultMessage.ToolUseCount)),
                Outcome = Enum.TryParse(Text(InputObject, nameof(ResultMessage.Outcome)), out ResultOutcome outcome) ? outcome : null,
            });
        }
        else
        {
            WriteError(AmpErrorRecord.Of(new AmpValidationException(
                InputObject is null ? "A piped object is null." : $"An object of type {InputObject.BaseObject.GetType()} is not a message of a run.",
                nameof(InputObject),
                "Pipe in the messages or results of Invoke-AmpAgent or Import-AmpTranscript.",
                InputObject?.BaseObject)));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        foreach (UsageTotal total in _counter!.Complete())
        {
            WriteObject(total);
        }
    }

    // Messages of several runs of one call have their number and prompt beside them.
    private static UsageOrigin OriginOf(PSObject given, StreamMessage message)
    {
        if (message.Source is not null)
        {
            return UsageOrigin.Unknown;
        }

        string? prompt = Text(given, "Prompt");
        long? run = prompt is null ? null : Number(given, "RunId");
        return prompt is null ? UsageOrigin.Unknown : new UsageOrigin { Prompt = prompt, RunKey = run is null ? null : (run, message.SessionId) };
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
