using System.Text;

namespace Amp.HelpBuilder;

/// <summary>
/// Makes what Get-Help reads of the pages in docs/help: one XML file of all cmdlets' pages, and a text of each page about more than one cmdlet.
/// The build of the module runs it. It reads the Markdown that these pages have and refuses any other, with the file and the line.
/// </summary>
internal static class Program
{
    private const string CmdletHelp = "Amp.PowerShell.dll-Help.xml";
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private static int Main(string[] arguments)
    {
        if (arguments.Length != 2 || !Directory.Exists(arguments[0]))
        {
            Console.Error.WriteLine("Usage: Amp.HelpBuilder PAGES DESTINATION");
            return 2;
        }

        // Every page is read, so that all that is wrong is told at once.
        List<CmdletPage> cmdlets = [];
        Dictionary<string, string> texts = [];
        int faults = 0;
        foreach (string file in Directory.GetFiles(arguments[0], "*.md").Order(StringComparer.Ordinal))
        {
            try
            {
                MarkdownLines lines = MarkdownLines.Of(file);
                string name = Path.GetFileNameWithoutExtension(file);
                if (name.StartsWith("about_", StringComparison.Ordinal))
                {
                    texts.Add($"{name}.help.txt", AboutText.Of(lines, name));
                }
                else
                {
                    cmdlets.Add(CmdletPageReader.Read(lines, name));
                }
            }
            catch (PageException exception)
            {
                Console.Error.WriteLine(exception.Message);
                faults++;
            }
        }

        if (faults > 0)
        {
            return 1;
        }

        texts.Add(CmdletHelp, MamlWriter.Write(cmdlets));
        Directory.CreateDirectory(arguments[1]);
        foreach ((string name, string text) in texts)
        {
            File.WriteAllText(Path.Combine(arguments[1], name), text, s_utf8);
        }

        // Those of pages that are gone.
        foreach (string file in Directory.GetFiles(arguments[1]).Where(file => !texts.ContainsKey(Path.GetFileName(file))))
        {
            File.Delete(file);
        }

        return 0;
    }
}
