namespace Amp;

/// <summary>The limit of the process that a host asks for.</summary>
internal sealed class ProcessThrottle
{
    private readonly int _limit;

    /// <exception cref="AmpValidationException">The limit is below 1.</exception>
    public ProcessThrottle(int limit) => _limit = limit > 0 ? limit : throw new AmpValidationException(
        $"With a limit of {limit}, no run can start.", nameof(limit), "Give a number of at least 1, or do not call AddThrottle.", limit);

    public void Apply() => AmpThrottle.Limit = _limit;
}
