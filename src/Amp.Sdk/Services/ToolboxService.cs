using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Amp.Cli;
using Amp.Options;
using Amp.Permissions;
using Amp.Processes;
using Amp.Text;
using Amp.Tools;

namespace Amp.Services;

/// <summary>
/// The tools of a toolbox on a CLI that no longer supports toolboxes: this library's tool server describes, offers and runs the
/// executables. The CLIs 0.0.1784106548 and later ignore <c>AMP_TOOLBOX</c> without an error, and no CLI on another machine can start the executables of
/// this one.
/// </summary>
internal sealed class ToolboxService : IRunService
{
    private static readonly TimeSpan s_describeLimit = TimeSpan.FromSeconds(10);

    // The time limit of a call in the CLIs that supported toolboxes.
    private static readonly TimeSpan s_callLimit = TimeSpan.FromSeconds(300);

    private readonly AmpOptions _options;
    private readonly string _folder;

    public ToolboxService(AmpOptions options)
    {
        _options = options;
        _folder = options.Toolbox!;
    }

    /// <summary>The names of the tools, once the service is open.</summary>
    public ToolboxNames Names { get; private set; } = ToolboxNames.None;

    /// <inheritdoc/>
    public RunContribution Planned => ToolboxFolder.Executables(_folder).Count == 0 ? RunContribution.Nothing : new ToolService(ToolboxNames.Server, [], Limit).Planned;

    private TimeSpan Limit => _options.ToolboxTimeout ?? s_callLimit;

    /// <inheritdoc/>
    public bool IsFor(AmpCli? cli) => OtherMachine.IsAskedFor(_options) || CliChoice.IgnoresToolboxes(cli);

    /// <inheritdoc/>
    public async ValueTask<OpenRunService> OpenAsync(RunFolder folder, CancellationToken cancellationToken)
    {
        // The variables and the folder of a run on another machine are those of that machine.
        bool isElsewhere = OtherMachine.IsAskedFor(_options);
        Dictionary<string, string> environment = RunEnvironment.Build(isElsewhere ? null : _options.Environment, _options.NoColor);
        if (_options.ApiKey is not null)
        {
            environment["AMP_API_KEY"] = SecretText.Reveal(_options.ApiKey);
        }

        environment["AMP_TOOLBOX"] = _folder;
        ToolboxProcess processes = new(isElsewhere ? _folder : OptionChecks.WorkingDirectory(_options), environment);
        try
        {
            SecretRedactor redactor = new(environment, []);
            List<string> warnings = [.. ToolboxFolder.Forgotten(_folder)];
            List<AmpTool> tools = Distinct(
                await DescribeAsync(processes, redactor, warnings, cancellationToken).ConfigureAwait(false), warnings);
            Names = ToolboxNames.Of(tools.Select(tool => tool.Name));
            warnings = [.. warnings.Select(redactor.Redact)];
            if (tools.Count == 0)
            {
                return new OpenRunService(RunContribution.Nothing with { Warnings = warnings }, processes);
            }

            ToolService service = new(ToolboxNames.Server, tools, Limit);
            OpenRunService open = await service.OpenAsync(folder, cancellationToken).ConfigureAwait(false);
            return open with
            {
                Contribution = open.Contribution with { EnabledTools = [], Toolbox = Names, Warnings = warnings },
                Lifetime = new Lifetimes(open.Lifetime, processes),
            };
        }
        catch
        {
            await processes.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<IReadOnlyList<(string File, AmpTool Tool)>> DescribeAsync(
        ToolboxProcess processes, SecretRedactor redactor, List<string> warnings, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> files = ToolboxFolder.Executables(_folder);
        AmpTool?[] found = new AmpTool?[files.Count];
        string?[] faults = new string?[files.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, files.Count),
            new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Math.Max(2, Environment.ProcessorCount) },
            async (i, token) => (found[i], faults[i]) = await DescribeAsync(files[i], processes, redactor, token).ConfigureAwait(false)).ConfigureAwait(false);
        warnings.AddRange(faults.OfType<string>());
        return [.. files.Zip(found).Where(one => one.Second is not null).Select(one => (one.First, one.Second!))];
    }

    private static async Task<(AmpTool? Tool, string? Fault)> DescribeAsync(
        string file, ToolboxProcess processes, SecretRedactor redactor, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(s_describeLimit);
        try
        {
            ToolboxAnswer answer = await processes.RunAsync(file, "describe", string.Empty, late.Token).ConfigureAwait(false);
            if (!answer.Exit.IsSuccess)
            {
                return (null, LeftOut(file, $"it ended with {answer.Exit} when asked to describe its tool. {FirstLine(answer.Errors)}"));
            }

            if (answer.LinesOmitted > 0 || ToolboxDescription.Read(answer.Output) is not ToolboxDescription description)
            {
                return (null, LeftOut(file, "its output does not describe a tool: neither JSON with a 'name' nor lines such as 'name: stock'."));
            }

            // A tool that a server would refuse is refused here, where the file is known.
            AmpTool tool = ToTool(file, description, processes, redactor);
            ToolName.CheckLength(ToolboxNames.Server, tool.Name);
            return (tool, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, LeftOut(file, $"it did not describe its tool within {s_describeLimit.TotalSeconds:0} s and was stopped."));
        }
        catch (AmpException exception)
        {
            return (null, LeftOut(file, exception.Message));
        }
    }

    // The first file by name is used; the CLIs used the one that was faster.
    private static List<AmpTool> Distinct(IReadOnlyList<(string File, AmpTool Tool)> tools, List<string> warnings)
    {
        Dictionary<string, string> files = new(StringComparer.OrdinalIgnoreCase);
        List<AmpTool> result = [];
        foreach ((string file, AmpTool tool) in tools)
        {
            if (files.TryAdd(ToolName.Mangle(tool.Name), file))
            {
                result.Add(tool);
            }
            else
            {
                warnings.Add(LeftOut(file, $"its tool '{tool.Name}' has the same name as the tool of '{files[ToolName.Mangle(tool.Name)]}'."));
            }
        }

        return result;
    }

    private static AmpTool ToTool(string file, ToolboxDescription tool, ToolboxProcess processes, SecretRedactor redactor) => new(
        tool.Name,
        tool.Description,
        tool.InputSchema,
        async (input, token) => new ToolResult(
            Json(await processes.RunAsync(file, "execute", tool.Input(input), token).ConfigureAwait(false), redactor)));

    // As in the CLIs that supported toolboxes, and in their shell: an exit code other than 0 is reported, but is not an error of the tool.
    private static string Json(ToolboxAnswer answer, SecretRedactor redactor)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("output", redactor.Redact(answer.Output));
            if (answer.LinesOmitted > 0)
            {
                writer.WriteStartObject("truncation");
                writer.WriteNumber("prefixLinesOmitted", answer.LinesOmitted);
                writer.WriteEndObject();
            }

            writer.WriteNumber("exitCode", answer.Exit.ExitCode ?? -1);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static string LeftOut(string file, string reason) => TerminalText.Strip($"The file '{file}' of the toolbox is skipped: {reason.Trim()}");

    private static string FirstLine(string text) => text.Split('\n', 2)[0] is { Length: > 0 } line ? $"It wrote: {TruncatedText.Shown(line, 300)}" : string.Empty;

    private sealed class Lifetimes(params IAsyncDisposable[] parts) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (IAsyncDisposable part in parts)
            {
                await part.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
