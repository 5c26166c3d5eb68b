using Amp.Permissions;

namespace Amp.Sdk.Tests.Settings;

public sealed class ToolOverlapTests
{
    [Theory]
    [InlineData("Bash", "Bash", true)]
    [InlineData("bash", "Bash", true)]
    [InlineData("Read", "Bash", false)]
    [InlineData("*", "Bash", true)]
    [InlineData("Bash", "B*", true)]
    [InlineData("Bash", "R*", false)]
    [InlineData("mcp__a__*", "mcp__*", true)]
    [InlineData("mcp__a__*", "tb__*", false)]
    [InlineData("{Read,Bash}", "Bash", true)]
    [InlineData("B[ao]sh", "Bash", true)]
    [InlineData("Bash", "Bashful", false)]
    [InlineData("\\Bash*", "Bash", true)]
    [InlineData("B\\ash", "Bash", true)]
    [InlineData("Bash", "shell_command", true)]
    [InlineData("bash", "shell_*", true)]
    [InlineData("Bash", "async_shell_command", false)]
    [InlineData("Bash", "shell_command_status", false)]
    public void Two_patterns_may_mean_the_same_tool(string first, string second, bool expected)
    {
        Assert.Equal(expected, ToolOverlap.IsPossible(first, second));
        Assert.Equal(expected, ToolOverlap.IsPossible(second, first));
    }
}
