using System.Diagnostics;
using Amp.Services;
using Amp.Text;

namespace Amp.Verification;

/// <summary>Runs the caller's verification of a run, with all its tries, and keeps the results.</summary>
internal sealed class Verifier
{
    /// <summary>How the findings of a verification begin that the agent gets.</summary>
    public const string FeedbackStart = "The work was verified and did not pass. Correct it.";

    // The model gets the end, where programs report failures.
    private const int LongestText = 8 * 1024;

    private readonly AmpOptions _options;
    private readonly SecretRedactor _redactor;
    private readonly List<AmpVerification> _verifications = [];
    private string _workingDirectory = string.Empty;
    private ProtectedFiles? _files;
    private volatile bool _hasPassed;

    public Verifier(AmpOptions options, SecretRedactor redactor)
    {
        _options = options;
        _redactor = redactor;
    }

    /// <summary>The time of the caller's verification, during which the CLI waits.</summary>
    public RunWork Work { get; } = new();

    /// <summary>The results of the verifications so far, without secrets.</summary>
    public IReadOnlyList<AmpVerification> Verifications
    {
        get
        {
            lock (_verifications)
            {
                return ReadableList<AmpVerification>.Of(_verifications);
            }
        }
    }

    /// <summary>Whether the last verification of this try succeeded.</summary>
    public bool HasPassed => _hasPassed;

    /// <summary>
    /// Begins a try. The protected files keep the state before the first try, because the agent may have changed them in it.
    /// </summary>
    /// <param name="workingDirectory">The folder in which the agent works.</param>
    /// <exception cref="AmpValidationException">A protected file does not exist or cannot be read.</exception>
    public void Begin(string workingDirectory)
    {
        _workingDirectory = workingDirectory;
        _hasPassed = false;
        _files ??= _options.VerifyPaths is { Count: > 0 } paths ? ProtectedFiles.Of(paths) : null;
    }

    /// <summary>Runs one verification.</summary>
    /// <returns>The text for the agent; null if the verification succeeded, or the agent has no further try.</returns>
    public async Task<string?> VerifyAsync(string? threadId, string answer, string? output, CancellationToken cancellationToken)
    {
        VerificationRequest request = new(_verifications.Count + 1, threadId, _workingDirectory, answer, output) { HostName = _options.Transport?.HostName };
        Work.Begin();
        AmpVerification verification;
        try
        {
            verification = await AskAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Work.End();
        }

        lock (_verifications)
        {
            _verifications.Add(verification);
        }

        _hasPassed = verification.Passed;
        return verification.Passed || verification.IsTimedOut || request.Attempt >= _options.VerifyLimit ? null : Feedback(verification);
    }

    private async Task<AmpVerification> AskAsync(VerificationRequest request, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();

        // What differs now was changed by the agent. Afterward, it may be what the verification has written.
        IReadOnlyList<string> changed = _files?.Changed() ?? [];
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (_options.VerifyTimeout is TimeSpan limit && limit > TimeSpan.Zero)
        {
            late.CancelAfter(limit);
        }

        AmpVerification said;
        try
        {
            said = await Task.Run(() => _options.Verify!(request, late.Token), late.Token).WaitAsync(late.Token).ConfigureAwait(false)
                ?? new AmpVerification(false, "The verification returned nothing.");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What it has written is not what the agent of the next try changes.
            _ = _files?.ChangedDuring(changed);
            throw;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            said = new AmpVerification(false, $"The verification did not end within {_options.VerifyTimeout!.Value.TotalSeconds:0.#} s.") { IsTimedOut = true };
        }
        catch (Exception exception)
        {
            said = new AmpVerification(false, exception.Message);
        }

        changed = _files?.ChangedDuring(changed) ?? [];
        return said with
        {
            Attempt = request.Attempt,
            Duration = Stopwatch.GetElapsedTime(start),
            Passed = said.Passed && changed.Count == 0,
            ChangedFiles = changed,
            Text = Tail(TerminalText.Strip(_redactor.Redact(string.Join(
                '\n',
                ((string?[])[changed.Count == 0 ? null : $"These files must not be changed. Restore them, and delete the new ones: {string.Join(", ", changed.Take(20).Select(TerminalText.Name))}", said.Text])
                    .Where(text => !string.IsNullOrWhiteSpace(text)))))),
        };
    }

    private static string? Tail(string text) => text.Length == 0 ? null : TruncatedText.ShownEnd(text, LongestText);

    private static string Feedback(AmpVerification verification) =>
        $"{FeedbackStart}{(verification.Text is string text ? $" What the verification found:\n\n{text}" : string.Empty)}";
}
