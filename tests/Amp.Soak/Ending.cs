namespace Amp.Soak;

/// <summary>How a run ends; <c>amp.sh</c> does the CLI's part of it.</summary>
internal enum Ending
{
    Success,
    ErrorResult,
    ExitCode,
    NoResult,
    Signal,
    BrokenLine,
    CutLine,
    TooLongLine,
    ErrorFlood,
    NoiseAround,
    LoginPrompt,
    Canceled,
    StubbornCanceled,
    Timeout,
    IdleTimeout,
    Abandoned,
    StaysAfterResult,
    LeavesChild,
    LeavesStranger,
    CliNotFound,
}
