using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using Amp.PowerShell.Tests.Support;

namespace Amp.PowerShell.Tests.Pipeline;

/// <summary>The library names options and methods in its texts; who reads them in PowerShell reads of parameters and cmdlets.</summary>
public sealed class CommandWordsTests
{
    // No cmdlet has a parameter for them, and no text names them.
    private static readonly string[] s_withoutParameter = ["CancellationGracePeriod", "ExitGracePeriod", "ServiceLossTimeout", "ToolServerName"];

    [Fact]
    public void Every_option_is_a_parameter()
    {
        using Runspace runspace = Hosted.Open();
        using System.Management.Automation.PowerShell shell = Create(runspace);
        string[] parameters = [.. shell.AddScript("(Get-Command Invoke-AmpAgent).Parameters.Keys").Invoke().Select(key => key.ToString())];
        Assembly library = Loaded("Amp.Sdk");
        IEnumerable<string> options = library.GetType("Amp.AmpOptions")!.GetProperties().Select(property => property.Name)
            .Except(["EqualityContract", .. s_withoutParameter]);

        Assert.All(options, option => Assert.Contains(Words("Parameter", option), parameters));
    }

    [Fact]
    public void Every_name_in_a_text_of_the_library_becomes_a_cmdlet_or_a_parameter()
    {
        using Runspace runspace = Hosted.Open();
        using System.Management.Automation.PowerShell shell = Create(runspace);
        string[] commands = [.. shell.AddScript("(Get-Command -Module Amp).Name").Invoke().Select(name => name.ToString())];
        Assembly library = Loaded("Amp.Sdk");
        HashSet<string> types = [.. library.GetExportedTypes().Select(type => type.Name)];
        int found = 0;
        foreach (string text in TextsOf(library.Location))
        {
            foreach (Match name in Regex.Matches(text, @"\b([A-Z]\w+)\.[A-Z]\w+\b"))
            {
                if (types.Contains(name.Groups[1].Value))
                {
                    string word = Words("Of", name.Value);
                    Assert.True(word.StartsWith('-') || word.StartsWith('$') || commands.Contains(word), $"{name.Value} is {word} in: {text}");
                    found++;
                }
            }
        }

        Assert.True(found > 20, $"{found}");
    }

    [Fact]
    public void An_error_speaks_of_parameters()
    {
        using Runspace runspace = Hosted.Open();
        using System.Management.Automation.PowerShell shell = Create(runspace);
        string[] told = [.. shell.AddScript(
            "try { Invoke-AmpAgent go -Feature ' ' } catch { \"$_\"; $_.TargetObject; $_.Exception.OptionName }")
            .Invoke().Select(text => $"{text}")];

        Assert.StartsWith("-Feature ", told[0], StringComparison.Ordinal);
        Assert.Equal("Feature", told[1]);
        Assert.Equal("Features", told[2]);
    }

    private static string Words(string method, string text) => (string)Loaded("Amp.PowerShell").GetType("Amp.PowerShell.Pipeline.CommandWords")!
        .GetMethod(method, BindingFlags.Public | BindingFlags.Static)!.Invoke(null, [text])!;

    // As the module has loaded them.
    private static Assembly Loaded(string name) => AppDomain.CurrentDomain.GetAssemblies()
        .First(assembly => assembly.GetName().Name == name && assembly.Location.StartsWith(Path.GetDirectoryName(Hosted.Manifest)!, StringComparison.Ordinal));

    private static System.Management.Automation.PowerShell Create(Runspace runspace)
    {
        System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create();
        shell.Runspace = runspace;
        return shell;
    }

    private static List<string> TextsOf(string path)
    {
        using PEReader assembly = new(File.OpenRead(path));
        MetadataReader reader = assembly.GetMetadataReader();
        List<string> texts = [];
        for (UserStringHandle text = reader.GetNextHandle(default(UserStringHandle)); !text.IsNil; text = reader.GetNextHandle(text))
        {
            texts.Add(reader.GetUserString(text));
        }

        return texts;
    }
}
