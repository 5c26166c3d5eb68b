namespace Amp.FakeCli;

/// <summary>Ends the fake because of its script: the test is wrong or asks for what this system cannot do.</summary>
internal sealed class FakeStepException(string message, int exitCode) : Exception(message)
{
    public const int WrongUse = 64;
    public const int NotSupported = 70;
    public const int TimedOut = 75;

    public int ExitCode { get; } = exitCode;

    public static FakeStepException Wrong(string message) => new(message, WrongUse);

    public static FakeStepException Unsupported(string what) => new($"{what}: not supported here", NotSupported);
}
