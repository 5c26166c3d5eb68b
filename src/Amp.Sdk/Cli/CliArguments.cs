using Amp.Execution;
using Amp.Options;

namespace Amp.Cli;

/// <summary>Makes the CLI's arguments from the options, by what that CLI knows.</summary>
internal static class CliArguments
{
    /// <summary>The arguments of a run.</summary>
    /// <param name="options">The caller's options, already checked.</param>
    /// <param name="input">What the CLI will be given on its standard input.</param>
    /// <param name="cli">The CLI; null where it may not be asked, as for a preview of an unknown one.</param>
    /// <exception cref="AmpValidationException">The CLI lacks what was asked for.</exception>
    public static List<string> ForRun(AmpOptions options, RunInput input, AmpCli? cli)
    {
        List<string> arguments = [];
        if (options.ThreadId is string thread)
        {
            arguments.AddRange(["threads", "continue", ThreadReference.Parse(thread, nameof(AmpOptions.ThreadId))]);
        }
        else if (options.ContinueLatestThread)
        {
            // Without it the CLI would open a picker for somebody who is not there.
            arguments.AddRange(["threads", "continue", "--last"]);
        }

        // The prompt comes by standard input: here it would end at a leading dash and be public in the process list.
        arguments.Add("--execute");
        arguments.Add("--stream-json");
        if (input.IsJson)
        {
            arguments.Add("--stream-json-input");
        }

        if (options.IncludeThinking)
        {
            Require(cli, "--stream-json-thinking", nameof(AmpOptions.IncludeThinking), "Leave thinking away, or install a CLI from 2026-01-26 on.");
            arguments.Add("--stream-json-thinking");
        }

        if (options.Mode is string mode)
        {
            arguments.Add($"--mode={mode}");
        }

        if (options.DangerouslyAllowAll)
        {
            // Accepted by all CLIs of 2026, though the later ones do not list it any more.
            arguments.Add("--dangerously-allow-all");
        }

        // Nobody is there to be notified, and an editor's selection is no part of an unattended run.
        AddIfKnown(arguments, cli, "--no-ide");
        AddIfKnown(arguments, cli, "--no-jetbrains");
        AddIfKnown(arguments, cli, "--no-notifications");
        AddIfKnown(arguments, cli, "--no-remote-control-terminal");
        if (options.ThreadId is null && !options.ContinueLatestThread)
        {
            // Since July 2026 the CLI archives a thread after its run, and an archived thread cannot be continued.
            AddIfKnown(arguments, cli, "--no-archive-after-execute");
        }

        return arguments;
    }

    private static void AddIfKnown(List<string> arguments, AmpCli? cli, string option)
    {
        if (cli?.Capabilities.HasOption(option) == true)
        {
            arguments.Add(option);
        }
    }

    private static void Require(AmpCli? cli, string option, string optionName, string wayOut)
    {
        if (cli?.Capabilities.HasOption(option) == false)
        {
            throw new AmpValidationException(
                $"The Amp CLI {cli.Version} at '{cli.Path}' does not know '{option}'.",
                optionName,
                wayOut,
                errorId: AmpErrorId.UnsupportedByCli);
        }
    }
}
