using Amp.Messages;
using Amp.Sdk.Tests.Outcome;
using Amp.Sdk.Tests.Support;
using Amp.Tools;

namespace Amp.Sdk.Tests.Tools;

/// <summary>What is told of a call whatever a build calls its tool and the tool's inputs.</summary>
public sealed class CallViewTests
{
    private const string Patch =
        "*** Begin Patch\\n*** Add File: new.txt\\n+*** Update File: no.txt\\n*** Update File: /etc/a\\n*** Move to: ../b\\n@@\\n-x\\n+y\\n*** Delete File: gone.txt\\r\\n*** End Patch";

    [Theory]
    [InlineData("Bash", """{"cmd":"rm x"}""", "rm x", "/p")]
    [InlineData("Bash", """{"cmd":"rm x","cwd":"/tmp"}""", "rm x", "/tmp")]
    [InlineData("shell_command", """{"command":"rm x","workdir":"sub"}""", "rm x", "/p/sub")]
    [InlineData("async_shell_command", """{"command":"rm x"}""", "rm x", "/p")]
    [InlineData("chart", """{"cmd":"rm x","chartType":"bar"}""", "rm x", "/p")]
    [InlineData("shell_of_tomorrow", """{"command":"rm x"}""", "rm x", "/p")]
    public void A_shell_is_one_on_every_build(string tool, string input, string command, string directory)
    {
        ApprovalRequest request = new(tool, "t", "T-1", input, "/p");
        ToolUseContent call = Parsed.Block<ToolUseContent>($$"""{"type":"tool_use","id":"t","name":"{{tool}}","input":{{input}}}""");
        Assert.Equal((ToolKind.Shell, command, directory), (request.Kind, request.Command, request.CommandDirectory));
        Assert.Equal((ToolKind.Shell, command), (call.Kind, call.Command));
        Assert.Empty(request.Files);
    }

    [Theory]
    [InlineData("Bash", """{"script":"rm x"}""")]
    [InlineData("Bash", """{"cmd":"ls","command":"rm x"}""")]
    [InlineData("shell_command", """{"command":["rm","x"]}""")]
    [InlineData("repl", """{"binary":"rm","args":["x"]}""")]
    [InlineData("shell_command", """{"arguments":["rm","x"],"timeout":1e999}""")]
    public void A_command_that_stands_elsewhere_is_not_lost(string tool, string input) =>
        Assert.Matches("rm.*x", new ApprovalRequest(tool, "t", "T-1", input, "/p").Command);

    [Theory]
    [InlineData("{\"cmd\":1e999}", "{\"cmd\":null}")]
    [InlineData("1e999", "null")]
    public void A_number_too_large_for_JSON_is_written_as_the_CLI_writes_it(string input, string command) =>
        Assert.Equal(command, Parsed.Block<ToolUseContent>($$"""{"type":"tool_use","id":"t","name":"Bash","input":{{input}}}""").Command);

    [Theory]
    [InlineData("shell_command_kill", """{"pid":1}""", ToolKind.Shell)]
    [InlineData("mcp__shell__run", """{"command":"rm x"}""", ToolKind.Mcp)]
    [InlineData("tb__run", """{"cmd":"rm x"}""", ToolKind.Other)]
    [InlineData("unknown", """{"path":"x"}""", ToolKind.Other)]
    [InlineData("Task", """{"prompt":"x"}""", ToolKind.Agent)]
    [InlineData("glob", """{"filePattern":"*"}""", ToolKind.Search)]
    [InlineData("web_search", "null", ToolKind.Web)]
    public void What_starts_no_program_has_no_command(string tool, string input, ToolKind kind)
    {
        ApprovalRequest request = new(tool, "t", "T-1", input, "/p");
        Assert.Equal((kind, null, null), (request.Kind, request.Command, request.CommandDirectory));
    }

    [Theory]
    [InlineData("create_file", """{"path":"a/../b"}""", new[] { "/p/b" })]
    [InlineData("Read", """{"path":"/etc/passwd"}""", new[] { "/etc/passwd" })]
    [InlineData("look_at", """{"path":"a","referenceFiles":["b","a"]}""", new[] { "/p/a", "/p/b" })]
    [InlineData("apply_patch", $$"""{"patchText":"{{Patch}}"}""", new[] { "/p/new.txt", "/etc/a", "/b", "/p/gone.txt" })]
    [InlineData("apply_patch", """{"patchText":7}""", new string[0])]
    [InlineData("edit_file", "null", new string[0])]
    public void Files_are_full_paths(string tool, string input, string[] files) =>
        Assert.Equal(files, new ApprovalRequest(tool, "t", "T-1", input, "/p").Files);

    /// <summary>Each name was compared with all before it, which takes hours for as many as a line can have.</summary>
    [Fact]
    public void A_patch_of_very_many_files_names_each_once()
    {
        string patch = string.Concat(Enumerable.Range(0, 1_000_000).Select(number => $"*** Add File: {number}\n"));
        Assert.Equal(1_000_000, Amp.Tools.PatchFiles.In(patch + patch).Count);
    }

    [Fact]
    public void The_first_message_of_a_run_tells_the_folder_of_its_calls()
    {
        MessageParser parser = new();
        parser.Parse("""{"type":"system","subtype":"init","cwd":"/srv/here","session_id":"T-1","tools":[]}"""u8);
        AssistantMessage message = Assert.IsType<AssistantMessage>(parser.Parse(System.Text.Encoding.UTF8.GetBytes(RunLines.Tool("1", "create_file", """{"path":"f"}"""))));
        Assert.Equal(["/srv/here/f"], Assert.Single(message.ToolUse).Files);
    }

    [Fact]
    public void A_patch_counts_among_the_files_that_were_written()
    {
        ResultMessage result = RunLines.Of(
            RunLines.Tool("1", "apply_patch", $$"""{"patchText":"{{Patch}}"}"""),
            RunLines.Tool("2", "create_file", """{"path":"new.txt"}"""),
            RunLines.Text("all"),
            """{"type":"result","subtype":"success","is_error":false,"result":"done"}""");
        Assert.Equal(["new.txt", "/etc/a", "../b", "gone.txt"], result.FilesTouched);
    }

    [Theory]
    [InlineData("apply_patch", false, new[] { "/p/new.txt", "/etc/a", "/b", "/p/gone.txt", "/p/moved ü" })]
    [InlineData("apply_patch", true, new[] { "/p/new.txt", "/etc/a", "/b", "/p/gone.txt" })]
    [InlineData("mcp__x__apply", false, new string[0])]
    public void What_the_result_of_a_patch_names_counts_too(string tool, bool isError, string[] files)
    {
        ResultMessage result = RunLines.Of(
            """{"type":"system","subtype":"init","cwd":"/p","session_id":"T-1","tools":[]}""",
            RunLines.Tool("1", tool, $$"""{"patchText":"{{Patch}}"}"""),
            RunLines.ToolResult(
                "1",
                """{"summary":"x","files":[{"uri":"file:///p/new.txt","type":"add"},{"uri":"file:///p/moved%20%C3%BC","type":"move"},{"uri":7},{"uri":"https://x/"},null]}""",
                isError),
            RunLines.Text("all"),
            """{"type":"result","subtype":"success","is_error":false,"result":"done"}""");
        Assert.Equal(files, result.FilesTouched);
    }

    [Fact]
    public void What_only_writes_a_file_is_a_tool_that_names_it()
    {
        KnownTool[] writing = [.. KnownTools.All.Where(tool => tool.WritesAtOnce)];
        Assert.Equal(["apply_patch", "create_file", "edit_file", "undo_edit"], writing.Select(tool => tool.Name).Order(StringComparer.Ordinal));
        Assert.All(writing, tool => Assert.True(tool.Kind == ToolKind.Write && (tool.Written ?? tool.Patch) is not null));
    }

    [Fact]
    public void A_denial_tells_what_was_to_be_done()
    {
        ResultMessage result = RunLines.Of(
            RunLines.Tool("1", "Bash", """{"cmd":"git push"}"""),
            RunLines.ToolResult("1", "Tool execution rejected by user: no", isError: true),
            RunLines.Text("all"),
            """{"type":"result","subtype":"success","is_error":false,"result":"done"}""");
        ToolDenial denial = Assert.Single(result.Denials);
        Assert.Equal((ToolKind.Shell, "git push"), (denial.Kind, denial.Command));
    }
}
