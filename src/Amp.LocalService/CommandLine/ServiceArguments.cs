using System.Globalization;
using Amp.LocalService.Scenarios;

namespace Amp.LocalService.CommandLine;

/// <summary>The program's arguments.</summary>
internal sealed record ServiceArguments
{
    public const string Help = """
        Usage: Amp.LocalService [OPTIONS]

        A stand-in for the Amp service on 127.0.0.1 with a scripted model. Prints its URL in one line when it accepts
        connections; give that to the Amp CLI as AMP_URL, with any AMP_API_KEY. Ends on Ctrl+C and SIGTERM.

          --port N                  The port; without it a free one is taken
          --scenario FILE           What the model says; without it, it echoes prompts and runs RUN:Tool {input}END
          --data FOLDER             Keeps the threads there
          --record FILE-OR-FOLDER   Adds every model request there as a line of JSON
          --api-key-variable NAME   Lets in only the API key that this environment variable holds
          --enterprise              The user belongs to an enterprise workspace, as "threads visibility" demands
          --parent-process-id PID   Ends when that process is gone
          --verbose                 A line on stderr for every HTTP request
          --help                    This text
        """;

    public bool IsHelp { get; private init; }

    public bool IsVerbose { get; private init; }

    public int? ParentProcessId { get; private init; }

    public LocalServiceOptions Options { get; private init; } = new();

    /// <exception cref="ArgumentException">The arguments cannot be understood; the message says which and why.</exception>
    /// <exception cref="ScenarioFormatException">The scenario file is none.</exception>
    public static ServiceArguments Parse(IReadOnlyList<string> arguments)
    {
        var parsed = new ServiceArguments();
        for (int index = 0; index < arguments.Count; index++)
        {
            string name = arguments[index];
            parsed = name switch
            {
                "--help" or "-h" => parsed with { IsHelp = true },
                "--enterprise" => parsed with { Options = parsed.Options with { IsEnterprise = true } },
                "--verbose" => parsed with { IsVerbose = true },
                _ => parsed.With(name, Value),
            };

            string Value() => ++index < arguments.Count ? arguments[index] : throw new ArgumentException($"{name} needs a value");
        }

        return parsed;
    }

    private ServiceArguments With(string name, Func<string> value) => name switch
    {
        "--port" => this with { Options = Options with { Port = Number(name, value(), 65535) } },
        "--scenario" => this with { Options = Options with { Scenario = LoadScenario(value()) } },
        "--data" => this with { Options = Options with { DataFolder = value() } },
        "--record" => this with { Options = Options with { RecordPath = value() } },
        "--api-key-variable" => this with { Options = Options with { ApiKey = Variable(value()) } },
        "--parent-process-id" => this with { ParentProcessId = Number(name, value(), int.MaxValue) },
        _ => throw new ArgumentException($"unknown option '{name}'"),
    };

    private static int Number(string name, string text, int maximum) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= maximum
            ? number
            : throw new ArgumentException($"{name} wants a number up to {maximum}, not '{text}'");

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
        ? value
        : throw new ArgumentException($"the environment variable {name} is not set");

    private static Scenario LoadScenario(string path)
    {
        try
        {
            return Scenario.Load(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"the scenario cannot be read: {exception.Message}", exception);
        }
    }
}
