using System.ComponentModel;
using Amp.Processes;

namespace Amp.Sdk.Tests.Processes;

/// <summary>Why the system could not start a process.</summary>
public sealed class StartFailureTests
{
    [Fact]
    public void On_Windows_a_folder_that_cannot_be_used_is_not_taken_for_a_missing_program()
    {
        ProcessCommand command = new("C:\\amp.exe", [], "C:\\closed", new Dictionary<string, string>(), "run");
        AmpException folder = StartFailure.Of(command, new Win32Exception(267), isWindows: true);
        Assert.Equal(nameof(AmpOptions.WorkingDirectory), Assert.IsType<AmpValidationException>(folder).OptionName);
        Assert.Contains("C:\\closed", folder.Message, StringComparison.Ordinal);
        Assert.IsType<AmpCliNotFoundException>(StartFailure.Of(command, new Win32Exception(2), isWindows: true));
    }
}
