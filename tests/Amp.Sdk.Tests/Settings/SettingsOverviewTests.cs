using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Settings;

public sealed class SettingsOverviewTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("amp-names-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Both_files_are_read()
    {
        SettingsRun.Write(Path.Combine(_folder.FullName, "user.json"), """
            // Mine.
            {
              "amp.mcpServers": { "tickets": {}, "b": {} },
              "amp.permissions": [{ "tool": "Bash", "action": "ask" }, { "tool": "mcp__*", "action": "allow" }],
              "amp.tools.disable": ["chart", "Bash"],
            }
            """);
        SettingsRun.Write(Path.Combine(_folder.FullName, ".amp", "settings.json"), """{"amp.mcpServers":{"ours":{}},"amp.tools.enable":["Read"]}""");

        SettingsOverview names = Read("user.json");

        Assert.Equal(
            [new("tickets", SettingsScope.User), new("b", SettingsScope.User), new SettingsEntry("ours", SettingsScope.Workspace)], names.McpServers);
        Assert.Equal(["Bash", "mcp__*", "chart", "Read"], names.Tools.Select(tool => tool.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"amp.mcpServers":[1],"amp.permissions":{"tool":"x"},"amp.tools.enable":"x"}""")]
    [InlineData("""{"amp.mcpServers":{"\ud800":{}},"amp.permissions":[7,null,{"tool":null},{"tool":"\udfff"}]}""")]
    public void A_file_that_is_wrong_has_none(string content)
    {
        SettingsRun.Write(Path.Combine(_folder.FullName, "user.json"), content);
        SettingsOverview names = Read("user.json");
        Assert.Empty(names.McpServers);
        Assert.Empty(names.Tools);
    }

    [Fact]
    public void A_folder_that_is_not_there_has_none()
    {
        SettingsOverview names = SettingsOverview.Read(new CliOptions { WorkingDirectory = "/no/such/folder", SettingsFile = "none.json" });
        Assert.Empty(names.McpServers);
    }

    private SettingsOverview Read(string file) => SettingsOverview.Read(new CliOptions
    {
        WorkingDirectory = _folder.FullName,
        SettingsFile = Path.Combine(_folder.FullName, file),
    });
}
