using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Reads the messages of recorded runs, as the objects that the runs wrote.</summary>
/// <example>
///   <code>Import-AmpTranscript ./runs/ -ResultOnly | Group-Object Outcome</code>
/// </example>
[Cmdlet(VerbsData.Import, "AmpTranscript", DefaultParameterSetName = PathSet)]
[OutputType(
    typeof(SystemMessage), typeof(UserMessage), typeof(AssistantMessage), typeof(ResultMessage), typeof(ErrorResultMessage),
    typeof(UnknownMessage))]
public sealed class ImportAmpTranscriptCommand : AmpCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    private readonly HashSet<TranscriptRun> _withResult = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<TranscriptRun, TranscriptEntry> _held = new(ReferenceEqualityComparer.Instance);

    /// <summary>The files, or folders with transcripts.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = PathSet)]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>Like <c>-Path</c>, but without wildcards: every character is used literally. You can pipe files in.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP")]
    public string[]? LiteralPath { get; set; }

    /// <summary>Writes only the last messages of each file, up to this number.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Tail { get; set; }

    /// <summary>Waits at the end of the file for further messages, until its runs have ended.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Writes only the result of each run. A run without one gets an error result with the reason.</summary>
    [Parameter]
    public SwitchParameter ResultOnly { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string given in Path ?? LiteralPath ?? [])
        {
            if (TryWork(() => FindTranscripts(given, Path is null ? nameof(LiteralPath) : nameof(Path), isLiteral: Path is null), out string[]? files, given))
            {
                foreach (string file in files!)
                {
                    Import(file);
                }
            }
        }
    }

    private void Import(string file)
    {
        if (Tail is not int tail)
        {
            Read(file, Wait, (written, _) => WriteObject(written));
            return;
        }

        if (Wait)
        {
            // Where the last messages so far begin is known only at the end. A run that is still active has no result there yet.
            Queue<long> lines = new();
            long first = 0;
            long cut = 0;
            void Count(long line)
            {
                first = line + 1;
                lines.Enqueue(line);
                if (lines.Count > tail)
                {
                    lines.Dequeue();
                }
            }

            Read(
                file,
                wait: false,
                (_, entry) =>
                {
                    if (cut > 0 && entry.LineNumber > cut)
                    {
                        // Another run of plain output follows, so this one was killed.
                        Count(cut);
                        cut = 0;
                    }

                    if (entry.Kind == TranscriptEntryKind.Interrupted)
                    {
                        cut = entry.LineNumber;
                    }
                    else
                    {
                        Count(entry.LineNumber);
                    }
                },
                isQuiet: true);
            first = lines.Count == 0 ? first : lines.Min();
            if (first > 0 || lines.Count == 0)
            {
                Read(file, wait: true, (written, entry) =>
                {
                    if (entry.LineNumber >= first)
                    {
                        WriteObject(written);
                    }
                });
                return;
            }

            // An exported thread has no lines, and nothing to wait for.
        }

        Queue<object> last = new();
        Read(file, wait: false, (written, _) =>
        {
            last.Enqueue(written);
            if (last.Count > tail)
            {
                last.Dequeue();
            }
        });
        foreach (object written in last)
        {
            WriteObject(written);
        }
    }

    private void Read(string file, bool wait, Action<object, TranscriptEntry> write, bool isQuiet = false)
    {
        IAsyncEnumerator<TranscriptEntry> entries = TranscriptReader.ReadAsync(file, wait, StopToken).GetAsyncEnumerator(CancellationToken.None);
        Func<bool> next = isQuiet ? () => NextOrEnd(entries) : () => Next(entries);
        try
        {
            while (TryWork(next, out bool more, file) && more)
            {
                TranscriptEntry entry = entries.Current;
                if (Released(entry) is (TranscriptEntry held, PSObject result))
                {
                    write(result, held);
                }

                if (ToObject(entry) is object written)
                {
                    write(written, entry);
                }
                else if (!isQuiet)
                {
                    Report(entry);
                }
            }

            foreach (TranscriptEntry held in _held.Values.OrderBy(entry => entry.LineNumber))
            {
                write(Marked((ResultMessage)held.Message!, held, ErrorIdOf(held)), held);
            }
        }
        finally
        {
            _withResult.Clear();
            _held.Clear();
            entries.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static bool Next(IAsyncEnumerator<TranscriptEntry> entries)
    {
        ValueTask<bool> next = entries.MoveNextAsync();
        return next.IsCompletedSuccessfully ? next.Result : next.AsTask().GetAwaiter().GetResult();
    }

    // The file is read again, and then what is wrong with it is written.
    private static bool NextOrEnd(IAsyncEnumerator<TranscriptEntry> entries)
    {
        try
        {
            return Next(entries);
        }
        catch (AmpException)
        {
            return false;
        }
    }

    // Null for what is not a message, or is not requested.
    private object? ToObject(TranscriptEntry entry)
    {
        switch (entry.Kind)
        {
            case TranscriptEntryKind.Message when entry.Message is ResultMessage result:
                _withResult.Add(entry.Run);
                if (entry.Run.Id.Length == 0)
                {
                    // Plain output does not say how its run ended.
                    return Marked(result, entry, ErrorIdOf(entry));
                }

                _held[entry.Run] = entry;
                return null;
            case TranscriptEntryKind.Message when !ResultOnly:
                return entry.Message;
            case TranscriptEntryKind.Ended when ResultOnly && !_withResult.Contains(entry.Run) && entry.End is TranscriptEnd end:
                return Marked(end.ToResult(entry.Run, entry.Time), entry, end.ErrorId);
            case TranscriptEntryKind.Interrupted when ResultOnly && !_withResult.Contains(entry.Run):
                return Marked(TranscriptEnd.Interrupted.ToResult(entry.Run, null), entry, TranscriptEnd.Interrupted.ErrorId);
            default:
                return null;
        }
    }

    // A run can fail after its result, for example if the CLI could not save the thread. Only its end says so.
    private (TranscriptEntry Held, PSObject Result)? Released(TranscriptEntry next)
    {
        bool isEnd = next.Kind is TranscriptEntryKind.Ended or TranscriptEntryKind.Interrupted;
        if (!(isEnd || next.Message is not null) || (ResultOnly && !isEnd && next.Message is not ResultMessage) || !_held.Remove(next.Run, out TranscriptEntry? held))
        {
            return null;
        }

        // What stopped the run is known only to its end: its result says that it was canceled. And of a result of hashes, the words are unknown.
        return (held, Marked((ResultMessage)held.Message!, held, next.End?.ErrorId ?? ErrorIdOf(held)));
    }

    private static string? ErrorIdOf(TranscriptEntry entry) => entry.Message is ErrorResultMessage error ? new AmpAgentException(error).ErrorId : null;

    private PSObject Marked(ResultMessage result, TranscriptEntry entry, string? errorId)
    {
        PSObject marked = ResultOnly ? RunWriter.AsAnswer(result) : new PSObject(result);
        marked.Properties.Add(new PSNoteProperty("RunId", entry.Run.Id), preValidated: true);
        marked.Properties.Add(new PSNoteProperty("Prompt", entry.Run.Prompt), preValidated: true);
        marked.Properties.Add(new PSNoteProperty("ErrorId", errorId), preValidated: true);
        marked.Properties.Add(new PSNoteProperty("TranscriptPath", entry.Run.Path), preValidated: true);
        return marked;
    }

    private void Report(TranscriptEntry entry)
    {
        switch (entry.Kind)
        {
            case TranscriptEntryKind.InvalidLine:
                WriteError(AmpErrorRecord.Of(entry.Error!, entry.Run.Path));
                break;
            case TranscriptEntryKind.Interrupted:
                WriteWarning(entry.Run.Id.Length > 0
                    ? $"'{entry.Run.Path}': the record of run {entry.Run.Id} has no end. The run is still active, or its process was killed."
                    : $"'{entry.Run.Path}': the run has no result before line {entry.LineNumber + 1}. It is still active, or its process was killed.");
                break;
            case TranscriptEntryKind.Ended:
                WriteVerbose($"'{entry.Run.Path}': run {entry.Run.Id} ended: {entry.End}.");
                break;
            case TranscriptEntryKind.OutputText or TranscriptEntryKind.Warning or TranscriptEntryKind.Input:
                WriteVerbose($"{entry.Kind}: {entry.Text}");
                break;
            case TranscriptEntryKind.Approval or TranscriptEntryKind.Retry:
                WriteVerbose($"{entry.Kind}: {(object?)entry.Approval ?? entry.Retry}");
                break;
        }
    }
}
