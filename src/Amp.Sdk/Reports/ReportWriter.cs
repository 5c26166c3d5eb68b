using System.Text;
using Amp.Files;
using Amp.Records;
using Amp.Reports;

namespace Amp;

/// <summary>
/// Creates a report of runs with their prompts, answers, tool calls, duration, usage and outcome. You can add messages while they arrive; they
/// are kept in a temporary file, so a long run requires little memory. Secrets are removed as from transcripts. Only one thread at a time can use an object.
/// </summary>
public sealed class ReportWriter : IDisposable
{
    private readonly ReportOptions _options;
    private readonly ReportText _text;
    private readonly ReportSpool _spool = new();
    private readonly ReportLayout _layout;
    private readonly List<RunConversation> _runs = [];
    private readonly Dictionary<object, RunConversation> _live = [];
    private readonly Dictionary<TranscriptRun, RunConversation> _recorded = new(ReferenceEqualityComparer.Instance);
    private bool _isWritten;

    /// <summary>Creates an empty report.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    public ReportWriter(ReportOptions? options = null)
        : this(options, known: null)
    {
    }

    /// <summary>Creates an empty report that also knows the secrets in other options.</summary>
    internal ReportWriter(ReportOptions? options, CliOptions? known)
    {
        _options = options ?? new ReportOptions();
        _text = new ReportText(known);
        _layout = _options.Format == ReportFormat.Markdown ? new MarkdownLayout(_text) : new HtmlLayout(_text);
    }

    /// <summary>The number of runs so far.</summary>
    public int RunCount => _runs.Count;

    /// <summary>Adds an entry of a transcript, in the order of the file.</summary>
    /// <exception cref="AmpValidationException">The temporary file cannot be written.</exception>
    /// <exception cref="InvalidOperationException">The report was already written.</exception>
    public void Add(TranscriptEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        RefuseWritten();
        try
        {
            RunConversation run = OfTranscript(entry.Run);
            if (entry.Message is StreamMessage message)
            {
                run.Add(message, UsageOrigin.Unknown);
            }
            else
            {
                run.Add(entry);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(exception);
        }

        if (entry.Kind is TranscriptEntryKind.Ended or TranscriptEntryKind.Interrupted)
        {
            _recorded.Remove(entry.Run);
        }
    }

    /// <summary>Adds a message of a run: a live one, or one from a transcript. A result alone counts as a run too.</summary>
    /// <inheritdoc cref="Add(TranscriptEntry)"/>
    public void Add(StreamMessage message) => Add(message, UsageOrigin.Unknown);

    /// <summary>Adds all runs of a file: a transcript, plain output of <c>amp --stream-json</c>, or an exported thread.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Cancels the read operation.</param>
    /// <returns>The lines that cannot be read. The report has a note in place of each.</returns>
    /// <exception cref="AmpValidationException">The file cannot be read, or contains no run. The report is unchanged.</exception>
    /// <exception cref="AmpCanceledException">The token was canceled. The report is unchanged.</exception>
    public async Task<IReadOnlyList<AmpJsonException>> AddTranscriptAsync(string path, CancellationToken cancellationToken = default)
    {
        const int Most = 100;
        int before = _runs.Count;
        bool isRun = false;
        bool isComplete = false;
        List<AmpJsonException> errors = [];
        try
        {
            await foreach (TranscriptEntry entry in ReadAhead.ReadAsync(path, cancellationToken).ConfigureAwait(false))
            {
                isRun |= entry.Message is not null || entry.Run.Id.Length > 0;
                if (entry.Error is AmpJsonException error && errors.Count < Most)
                {
                    errors.Add(error);
                }

                Add(entry);
            }

            isComplete = true;
        }
        finally
        {
            Forget(before, keepsRuns: isRun && isComplete);
        }

        return isRun ? errors : throw new AmpValidationException(
            $"'{path}' contains no run.", "Path", "Give a transcript, the saved output of 'amp --stream-json', or an exported thread.", path);
    }

    /// <summary>Adds a thread.</summary>
    /// <param name="json">The thread as JSON, as <c>ThreadClient.ExportJsonAsync</c> returns it.</param>
    /// <exception cref="AmpValidationException">The text is not an exported thread.</exception>
    public void AddThread(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        TranscriptParser parser = new(null);
        ExportedThread.Read(Encoding.UTF8.GetBytes(json), null, parser);
        while (parser.TryTake(out TranscriptEntry entry))
        {
            Add(entry);
        }
    }

    /// <summary>Writes the report as UTF-8, and completes it: nothing can be added after that.</summary>
    /// <param name="output">The stream to write to.</param>
    /// <exception cref="AmpValidationException">The report is empty, or the temporary file cannot be read.</exception>
    /// <exception cref="IOException">The output cannot be written.</exception>
    public void WriteTo(Stream output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (_runs.Count == 0)
        {
            throw new AmpValidationException("The report has no run.", "Path", "Add a transcript, or messages of a run, before you write the report.");
        }

        if (!_isWritten)
        {
            CompleteRuns();
            _isWritten = true;
        }

        _text.Follow(null);
        _text.OfRun = null;
        StringBuilder made = new();
        ReportedRun[] runs = [.. _runs.Select(run => run.Run)];
        _layout.Begin(made, TitleOf(runs), runs);
        foreach (ReportedRun run in runs)
        {
            _text.OfRun = run.Secrets;
            _layout.BeginRun(made, run, isOnly: runs.Length == 1);
            Put(made, output);
            run.Body.WriteTo(output, _spool);
            _layout.EndRun(made);
        }

        _layout.End(made);
        Put(made, output);
    }

    /// <summary>Writes the report to a file, completely or not at all. On Linux and macOS, only its owner can read a new file.</summary>
    /// <param name="path">The file. An existing file is replaced, with its permissions.</param>
    /// <exception cref="AmpValidationException">The report is empty, the file is a transcript in it, or the file cannot be written. An existing file is unchanged.</exception>
    public void WriteTo(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = Path.GetFullPath(path);
        CheckTarget(path);
        try
        {
            WholeFile.Write(path, WriteTo, WholeFile.ModeOf(path) ?? WholeFile.OwnerOnly);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AmpValidationException($"'{path}' cannot be written: {exception.Message}", "Path", "Give another path, or free disk space.", path);
        }
    }

    /// <summary>Removes the temporary file.</summary>
    public void Dispose() => _spool.Dispose();

    /// <summary>Checks that the report does not replace what it was made of.</summary>
    /// <exception cref="AmpValidationException">The file is a transcript in the report.</exception>
    internal void CheckTarget(string path)
    {
        string target = RealPath.Of(path);
        foreach (string input in _runs.Select(run => run.Run.Recorded?.Path).OfType<string>().Distinct())
        {
            RefuseInput(path, target, input);
        }
    }

    /// <summary>Checks that the report does not replace a file that it was made of.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="target">The same, with its links resolved.</param>
    /// <param name="input">A transcript in the report.</param>
    /// <exception cref="AmpValidationException">They are the same file.</exception>
    internal static void RefuseInput(string path, string target, string input)
    {
        if (string.Equals(RealPath.Of(input), target, RealPath.Comparison))
        {
            throw new AmpValidationException($"'{path}' is a transcript that the report contains. The report would replace it.", "Path", "Give another path.", path);
        }
    }

    /// <summary>Adds a message with what is known of its run in addition.</summary>
    internal void Add(StreamMessage message, UsageOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(message);
        RefuseWritten();
        try
        {
            if (message.Source is TranscriptRun recorded)
            {
                OfTranscript(recorded).Add(message, origin);
                return;
            }

            // A live run says no more after its result.
            object key = origin.RunKey ?? message.SessionId ?? string.Empty;
            if (!_live.TryGetValue(key, out RunConversation? run))
            {
                run = _live[key] = Begin();
                run.Run.Prompt = origin.Prompt;
            }

            run.Add(message, origin);
            if (message is ResultMessage)
            {
                _live.Remove(key);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(exception);
        }
    }

    private RunConversation OfTranscript(TranscriptRun recorded)
    {
        if (!_recorded.TryGetValue(recorded, out RunConversation? run))
        {
            run = _recorded[recorded] = Begin();
            run.Run.Recorded = recorded;
            run.Run.Prompt = recorded.Prompt;
        }

        return run;
    }

    private RunConversation Begin()
    {
        RunConversation run = new(new ReportedRun(_runs.Count + 1) { HasCalls = _options.Detail == ReportDetail.Full }, _layout, _spool, _text);
        _runs.Add(run);
        return run;
    }

    // What was read of a file is complete, and what was no run, or not read to its end, is not part of the report.
    private void Forget(int before, bool keepsRuns)
    {
        foreach (RunConversation run in _runs.Skip(before).ToArray())
        {
            if (run.Run.Recorded is TranscriptRun recorded)
            {
                _recorded.Remove(recorded);
            }
        }

        if (!keepsRuns)
        {
            _runs.RemoveRange(before, _runs.Count - before);
        }
    }

    private string TitleOf(ReportedRun[] runs) => _options.Title is { Length: > 0 } title
        ? _text.CleanLine(runs.Select(run => run.Secrets).OfType<RunSecrets>().Distinct().Aggregate(title, (text, secrets) => secrets.Redactor.Redact(text)), 200)
        : runs.Length == 1 ? _layout.NameOf(runs[0])
        : FormattableString.Invariant($"{runs.Length} runs of the Amp agent");

    private void CompleteRuns()
    {
        try
        {
            _runs.ForEach(run => run.Complete());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(exception);
        }
    }

    private void RefuseWritten()
    {
        if (_isWritten)
        {
            throw new InvalidOperationException("The report was already written.");
        }
    }

    private static AmpValidationException Unwritable(Exception cause) => new(
        $"The temporary file of the report in '{Path.GetTempPath()}' cannot be written: {cause.Message}", "Path", "Free disk space, or set another folder for temporary files.");

    private void Put(StringBuilder made, Stream output)
    {
        _spool.Encode(made, output);
        made.Clear();
    }
}
