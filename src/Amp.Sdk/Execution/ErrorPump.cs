using Amp.Cli;
using Amp.Processes;
using Amp.Text;

namespace Amp.Execution;

/// <summary>
/// Reads the CLI's standard error: its lines become events, and its end is kept for the error of the run. Unlike <see cref="OutputPump"/>, it
/// never waits for the consumer, because a slow consumer must not prevent the CLI from writing errors; events without room are dropped.
/// </summary>
internal sealed class ErrorPump
{
    private readonly StandardErrorTail _tail = new();
    private readonly Stream _error;
    private readonly EventQueue _events;
    private readonly RunClock _clock;
    private readonly ServiceWatch _service;
    private readonly SecretRedactor _redactor;

    public ErrorPump(Stream error, EventQueue events, RunClock clock, ServiceWatch service, SecretRedactor redactor)
    {
        _error = error;
        _events = events;
        _clock = clock;
        _service = service;
        _redactor = redactor;
    }

    /// <summary>The end of what was read so far, safe to show.</summary>
    public string Text => _tail.Shown(_redactor);

    /// <summary>Whether more was read than is kept.</summary>
    public bool IsTruncated => _tail.IsTruncated;

    /// <summary>Reads until the end.</summary>
    public async Task RunAsync()
    {
        StandardErrorLines lines = new(Take);
        await _tail.DrainAsync(
            _error,
            bytes =>
            {
                _clock.Touch();
                lines.Append(bytes.Span);
            }).ConfigureAwait(false);
        lines.Flush();
    }

    private void Take(string line, bool isCut)
    {
        if (ServiceWords.TellLoss(line))
        {
            _service.NoteLoss();
        }

        _events.TryWrite(AmpEvent.FromText(AmpEventKind.StandardError, StandardErrorLines.Shown(_redactor.Redact(line), isCut)));
    }
}
