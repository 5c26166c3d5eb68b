using System.Reflection;

namespace Amp.FakeCli;

/// <summary>Decides what a call gets to see.</summary>
internal static class FakeCall
{
    /// <summary>Answers the call and gives its exit code.</summary>
    public static int Answer(FakeRun run)
    {
        foreach (string option in run.Settings.RejectedOptions)
        {
            if (run.Arguments.Has(option))
            {
                run.Error.WriteText($"Error: error: unknown option '{option}'\n");
                return 1;
            }
        }

        switch (run.Arguments.Kind)
        {
            case CallKind.Version:
                HangIfAsked(run, "version");
                run.Output.WriteText(run.Settings.Version + "\n");
                return 0;
            case CallKind.Help:
                HangIfAsked(run, "help");
                WriteHelp(run);
                return 0;
        }

        if (run.Settings.AsksForLogin)
        {
            AskForLogin(run);
        }

        if (run.Settings.ScriptPath is { } path)
        {
            RunScript(run, path);
        }
        else if (run.Arguments.Kind == CallKind.Run)
        {
            StepParser parser = new(run, Environment.CurrentDirectory);
            parser.Parse("polite")();
            parser.Parse("echo")();
        }

        return 0;
    }

    private static void RunScript(FakeRun run, string path)
    {
        StepParser parser = new(run, Path.GetDirectoryName(Path.GetFullPath(path))!);

        // All of it is read first: a mistake in the last line must not look like half a run.
        foreach (Action step in parser.ParseFile(path))
        {
            step();
        }
    }

    private static void WriteHelp(FakeRun run)
    {
        // The options of a command stand in its own help and not in the main one.
        string command = string.Join('-', run.Arguments.Commands);
        if (run.Settings.HelpPath is { } path)
        {
            string own = Path.Combine(Path.ChangeExtension(path, null), command + ".txt");
            run.Output.CopyFrom(File.Exists(own) ? own : path);
            return;
        }

        Assembly assembly = typeof(FakeCall).Assembly;
        using Stream help = assembly.GetManifestResourceStream($"help.{command}.txt") ?? assembly.GetManifestResourceStream("help.txt")!;
        using MemoryStream text = new();
        help.CopyTo(text);
        run.Output.Write(text.GetBuffer().AsSpan(0, (int)text.Length));
    }

    private static void HangIfAsked(FakeRun run, string call)
    {
        if (Array.IndexOf(run.Settings.HangingCalls, call) >= 0)
        {
            ProcessSteps.Hang();
        }
    }

    // Word for word, and on stdout, what the real CLI prints where JSON is expected; the end of stdin does not end it.
    private static void AskForLogin(FakeRun run)
    {
        run.Output.WriteText(
            "No API key found. Starting login flow...\n"
            + "If your browser does not open automatically, visit:\n\n"
            + "https://ampcode.com/auth/cli-login?authToken=4d915b81f554f426bd83d8804413acca644b5f23711c8568745f98a516274aa9\n\n"
            + "When prompted, paste your code here: ");
        run.Input.ReadToEnd();
        ProcessSteps.Hang();
    }
}
