using Amp.LocalService.Model;
using Amp.LocalService.Threads;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.RealRuns;

/// <summary>That options reach the model or the service by way of the real CLIs.</summary>
public sealed class OptionTests
{
    public static TheoryData<RealCliBuild> Builds => RealRun.Builds;

    // January's knows no list of tools, no folder of skills and no labels (RefusedOptionTests, ArgumentTests), and writes no thinking.
    public static TheoryData<RealCliBuild> LaterBuilds { get; } = [RealCliBuild.March2026, RealCliBuild.May2026, RealCliBuild.September2026];

    public static MatrixTheoryData<RealCliBuild, bool> BuildsTwice { get; } = RealRun.BuildsWith(false, true);

    [Theory]
    [MemberData(nameof(LaterBuilds))]
    public async Task Only_the_enabled_tools_are_offered(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        run.Options = run.Options with { EnabledTools = ["Read", "edit_*"] };
        await run.ResultAsync("hi");
        Assert.Equal(["Read", "edit_file"], run.Service.Requests[0].OfferedTools.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(LaterBuilds))]
    public async Task An_empty_list_offers_none(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        run.Options = run.Options with { EnabledTools = [] };
        await run.ResultAsync("hi");
        Assert.Empty(run.Service.Requests[0].OfferedTools);
    }

    [Theory]
    [MemberData(nameof(LaterBuilds))]
    public async Task Thinking_comes_where_it_is_asked_for(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        Assert.DoesNotContain("let me think", (await run.RunAsync("THINK hard")).Everything, StringComparison.Ordinal);
        run.Options = run.Options with { IncludeThinking = true };
        RunOutcome outcome = await run.RunAsync("THINK hard");
        Assert.Equal(
            "let me think",
            Assert.Single(outcome.Messages.OfType<AssistantMessage>().SelectMany(message => message.Content).OfType<ThinkingContent>()).Thinking);
    }

    [Theory]
    [MemberData(nameof(LaterBuilds))]
    public async Task Labels_reach_the_service(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        run.Options = run.Options with { Labels = ["nightly", "team-a"] };
        ResultMessage result = await run.ResultAsync("hi");
        Assert.Equal("Echo: hi", result.Result);
        StoredThread thread = Assert.Single(run.Service.Threads);
        Assert.Equal(result.SessionId, thread.Id);
        Assert.Equal(["nightly", "team-a"], thread.Labels);
    }

    [Fact]
    public async Task A_system_prompt_reaches_the_model_on_the_CLI_that_passes_it_on()
    {
        await using RealRun run = await RealRun.StartAsync(RealCliBuild.LateJanuary2026);
        SettingsRun.Write(run.UserFile, """{"amp.systemPrompt":"User says äöü."}""");
        run.Options = run.Options with { SystemPrompt = "Call says: speak like a pirate." };
        await run.ResultAsync("hi");
        string prompt = run.Service.Requests[0].SystemPrompt;
        Assert.Contains("User says äöü.\n\nCall says: speak like a pirate.", prompt, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_system_prompt_is_refused_where_the_CLI_would_ignore_it(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        run.Options = run.Options with { SystemPrompt = "Speak like a pirate." };
        AmpValidationException error = (await run.RunAsync("hi")).Failed<AmpValidationException>(AmpErrorId.UnsupportedByCli);
        Assert.Equal(nameof(AmpOptions.SystemPrompt), error.OptionName);
        Assert.Empty(run.Service.Requests);
    }

    // On the native builds this library runs it: ToolboxTests.
    [Theory]
    [InlineData(RealCliBuild.January2026)]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.May2026)]
    public async Task A_tool_of_a_toolbox_is_called(RealCliBuild build)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The tool is a shell script.");
        await using RealRun run = await RealRun.StartAsync(build);
        string tool = run.Script(
            "tool box/greet",
            """
            if [ "$TOOLBOX_ACTION" = describe ]; then
              echo '{"name":"greet","description":"Greets somebody.","inputSchema":{"type":"object","properties":{"who":{"type":"string"}},"required":["who"]}}'
            else
              printf 'greetings for '; cat
            fi
            """ + "\n");
        run.Options = run.Options with
        {
            Toolbox = Path.GetRelativePath(Environment.CurrentDirectory, Path.GetDirectoryName(tool)!),
            Permissions = [new AmpPermission("tb__greet", PermissionAction.Allow)],
        };
        ResultMessage result = await run.ResultAsync(RealRun.Call("tb__greet", """{"who":"Ada"}"""));
        Assert.Equal(ResultOutcome.Succeeded, result.Outcome);
        Assert.Contains("tb__greet", run.Service.Requests[0].OfferedTools);
        Assert.Contains("greetings for", run.Service.Requests[^1].LastToolResult, StringComparison.Ordinal);
        Assert.Contains("Ada", run.Service.Requests[^1].LastToolResult, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(LaterBuilds))]
    public async Task A_skill_is_told_to_the_model(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        SettingsRun.Write(
            Path.Combine(run.Home, "skills", "brewing", "SKILL.md"),
            "---\nname: brewing\ndescription: How zebra coffee is brewed here.\n---\n\nGrind first.\n");
        run.Options = run.Options with { Skills = Path.Combine(run.Home, "skills") };
        if (build == RealCliBuild.September2026)
        {
            // Which skills there are, its service asks; the model reads one by a tool.
            await run.ResultAsync(RealRun.Call("skill", """{"name":"brewing"}"""));
            Assert.Contains("Grind first.", run.Service.Requests[^1].LastToolResult, StringComparison.Ordinal);
            return;
        }

        await run.ResultAsync("hi");
        ModelRequest request = run.Service.Requests[0];
        Assert.Contains("zebra coffee", request.RawJson, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_tool_of_an_MCP_server_is_called_and_the_server_gets_its_secret(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        string server = Path.Combine(run.Home, "server.js");
        SettingsRun.Write(
            server,
            """
            const lines = require('readline').createInterface({ input: process.stdin });
            const answer = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\n');
            lines.on('line', line => {
              const { id, method, params } = JSON.parse(line);
              if (method === 'initialize') answer(id, { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'x', version: '1' } });
              else if (method === 'tools/list') answer(id, { tools: [{ name: 'add', description: 'Adds.', inputSchema: { type: 'object', properties: { a: { type: 'number' } } } }] });
              else if (method === 'tools/call') answer(id, { content: [{ type: 'text', text: `sum ${params.arguments.a + 40} secret ${process.env.SECRET.length}` }] });
              else if (id !== undefined) answer(id, {});
            });
            """);
        run.Options = run.Options with
        {
            McpServers = [new McpStdioServer("calc", "node", [server], new Dictionary<string, SecretText> { ["SECRET"] = "canary-of-mcp" })],
            Permissions = [new AmpPermission("mcp__calc__*", PermissionAction.Allow)],
        };
        RunOutcome outcome = await run.RunAsync(RealRun.Call("mcp__calc__add", """{"a":2}"""));
        Assert.True(outcome.Error is null, outcome.Error?.ToString());
        Assert.Equal(ResultOutcome.Succeeded, outcome.Result!.Outcome);
        Assert.Contains("sum 42 secret 13", run.Service.Requests[^1].LastToolResult, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-of-mcp", outcome.Everything, StringComparison.Ordinal);
        foreach (string file in Directory.EnumerateFiles(run.Home, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain("canary-of-mcp", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    // January's asks the model before its servers are connected.
    [Theory]
    [MemberData(nameof(LaterBuilds))]
    public async Task A_server_of_the_call_that_does_not_start_is_told(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        SettingsRun.Write(run.UserFile, """{"amp.mcpServers":{"of-the-user":{"command":"no-such-server"}}}""");
        run.Options = run.Options with { McpServers = [new McpStdioServer("of-the-call", "no-such-server")] };
        RunOutcome outcome = await run.RunAsync("hi");
        outcome.Succeeded("Echo: hi");
        IReadOnlyList<string> warnings = outcome.Texts(AmpEventKind.Warning);

        // On a busy machine, the CLI may still be trying to start it.
        string? status = outcome.Messages.OfType<SystemMessage>().First().McpServers.Single(server => server.Name == "of-the-call").Status;
        Assert.Equal(status == "connecting" ? 0 : 1, warnings.Count(warning => warning.Contains("of-the-call", StringComparison.Ordinal)));
        Assert.DoesNotContain(warnings, warning => warning.Contains("of-the-user", StringComparison.Ordinal));
    }

    // January's asks the model before its servers are connected.
    [Theory]
    [MemberData(nameof(LaterBuilds))]
    public async Task A_tool_of_an_MCP_server_over_HTTP_is_called_and_the_server_gets_its_header(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build, scenario:
            """
            { "mcp": { "requiredHeaders": { "Authorization": "Bearer canary-of-http" }, "tools": [
              { "name": "get-weather", "description": "Tells the weather.", "result": "sunny",
                "inputSchema": { "type": "object", "properties": { "city": { "type": "string" } } } }, { "name": "broken", "error": "no sensor" } ] } }
            """);
        Dictionary<string, SecretText> headers = new() { ["Authorization"] = "Bearer canary-of-http" };
        run.Options = run.Options with
        {
            McpServers = [new McpHttpServer("sky", run.Service.McpUrl!, headers)],
            Permissions = [new AmpPermission("mcp__sky__*", PermissionAction.Allow)],
        };
        RunOutcome outcome = await run.RunAsync(
            RealRun.Call("mcp__sky__get_weather", """{"city":"Rome"}""") + " " + RealRun.Call("mcp__sky__broken", "{}"));
        Assert.True(outcome.Error is null, outcome.Error?.ToString());
        Assert.Equal((ResultOutcome.Succeeded, 2), (outcome.Result!.Outcome, outcome.Result.ToolUseCount));
        Assert.Contains("mcp__sky__get_weather", run.Service.Requests[0].OfferedTools);
        Assert.Equal(["broken", "get-weather"], run.Service.McpCalls.Select(call => call.Tool).Order(StringComparer.Ordinal));
        Assert.Contains(run.Service.McpCalls, call => call.ArgumentsJson == """{"city":"Rome"}""");
        Assert.Contains("sunny", run.Service.Requests[^1].LastToolResult, StringComparison.Ordinal);
        Assert.Contains("no sensor", run.Service.Requests[^1].LastToolResult, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-of-http", outcome.Everything, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BuildsTwice))]
    public async Task A_server_of_the_user_is_not_started_where_the_call_disables_it(RealCliBuild build, bool isDisabled)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        string server = run.Script("server", $"echo started >> '{run.Home}/started'; cat > /dev/null\n");
        string settings = """{"amp.mcpServers":{"mine":{"command":"SERVER","disabled":true}}}""".Replace("SERVER", server, StringComparison.Ordinal);
        SettingsRun.Write(run.UserFile, settings);
        run.Options = run.Options with { McpServers = isDisabled ? [new McpStdioServer("mine", "any", disabled: true)] : null };
        RunOutcome outcome = await run.RunAsync("hi");
        Assert.Equal("Echo: hi", outcome.Result!.Result);
        Assert.Equal(isDisabled, outcome.Messages.OfType<SystemMessage>().First().McpServers.Count == 0);

        // The CLI starts what the user's settings themselves call disabled: the word alone switches nothing off.
        Assert.Equal(isDisabled, !File.Exists(Path.Combine(run.Home, "started")));
        Assert.Equal(settings, await File.ReadAllTextAsync(run.UserFile, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_native_CLI_says_that_a_prompt_beyond_1_MiB_is_too_large()
    {
        await using RealRun run = await RealRun.StartAsync(RealCliBuild.September2026);
        RunOutcome outcome = await run.RunAsync(new string('a', 1536 * 1024));
        Assert.Equal(ResultOutcome.Failed, outcome.Result!.Outcome);
        Assert.Contains("too large", Assert.IsType<ErrorResultMessage>(outcome.Result).Error, StringComparison.Ordinal);
        Assert.Empty(run.Service.Requests);
    }

    // The native one refuses it, above.
    [Theory]
    [InlineData(RealCliBuild.January2026)]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.May2026)]
    public async Task A_prompt_beyond_1_MiB_arrives_whole_and_its_answer_counts(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build, scenario: """{"rules":[{"answer":"read it all"}]}""");
        string prompt = new string('ä', 1536 * 1024) + " end";
        ResultMessage result = await run.ResultAsync(prompt);
        Assert.Equal(("read it all", ResultOutcome.Succeeded), (result.Result, result.Outcome));
        Assert.Equal(prompt, run.Service.Requests[^1].Prompt);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task Two_turns_get_two_answers_and_one_result(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        List<StreamMessage> messages = [];
        await foreach (StreamMessage message in AmpClient.ExecuteAsync(Say("first", "zweite ü"), run.Options, TestContext.Current.CancellationToken))
        {
            messages.Add(message);
        }

        Assert.Equal(["Echo: first", "Echo: zweite ü"], messages.OfType<AssistantMessage>().Select(message => message.Text));
        Assert.Equal("Echo: zweite ü", Assert.Single(messages.OfType<ResultMessage>()).Result);
        Assert.Equal(["first", "zweite ü"], run.Service.Requests[^1].Prompts);
    }

    private static async IAsyncEnumerable<UserInputMessage> Say(params string[] texts)
    {
        foreach (string text in texts)
        {
            await Task.Yield();
            yield return new UserInputMessage(text);
        }
    }
}
