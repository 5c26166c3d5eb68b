namespace Amp.FakeCli;

/// <summary>A stand-in for the <c>amp</c> program that does what a script of steps says.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments.Length > 0 && arguments[0] == ChildProcesses.SleeperArgument)
        {
            Thread.Sleep(ChildProcesses.LifetimeSeconds * 1000);
            return 0;
        }

        FakeSettings settings = FakeSettings.FromEnvironment();
        FakeRun run = new(settings, CallArguments.Parse(arguments));
        run.Record.Write();
        try
        {
            return run.Exit(FakeCall.Answer(run));
        }
        catch (Exception exception) when (exception is FakeStepException or IOException)
        {
            return run.Fail(exception);
        }
    }
}
