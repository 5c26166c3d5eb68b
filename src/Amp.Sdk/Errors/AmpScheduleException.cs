namespace Amp;

/// <summary>A schedule does not exist, already exists, is active, or was refused by the scheduler of the system.</summary>
public sealed class AmpScheduleException : AmpException
{
    /// <summary>Creates an exception about a schedule.</summary>
    /// <param name="message">The message, which describes the request and the reason.</param>
    /// <param name="errorId"><see cref="AmpErrorId.ScheduleNotFound"/>, <see cref="AmpErrorId.ScheduleExists"/>,
    /// <see cref="AmpErrorId.ScheduleActive"/> or <see cref="AmpErrorId.SchedulerFailed"/>.</param>
    /// <param name="recommendedAction">The recommended action.</param>
    /// <param name="innerException">The error of the system.</param>
    public AmpScheduleException(string message, string errorId, string? recommendedAction, Exception? innerException = null)
        : base(message, errorId, recommendedAction, innerException)
    {
    }

    /// <summary>The name of the schedule; null if the error is not about one.</summary>
    public string? ScheduleName { get; init; }
}
