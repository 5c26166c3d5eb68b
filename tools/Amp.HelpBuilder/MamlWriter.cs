using System.Text;
using System.Xml;

namespace Amp.HelpBuilder;

/// <summary>Writes the help of cmdlets as PowerShell reads it.</summary>
internal sealed class MamlWriter
{
    private const string Maml = "http://schemas.microsoft.com/maml/2004/10";
    private const string Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private const string Dev = "http://schemas.microsoft.com/maml/dev/2004/10";
    private readonly XmlWriter _xml;

    private MamlWriter(XmlWriter xml) => _xml = xml;

    public static string Write(IEnumerable<CmdletPage> pages)
    {
        StringBuilder text = new("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        using (XmlWriter xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true }))
        {
            xml.WriteStartElement("helpItems", "http://msh");
            xml.WriteAttributeString("xmlns", "maml", null, Maml);
            xml.WriteAttributeString("xmlns", "command", null, Command);
            xml.WriteAttributeString("xmlns", "dev", null, Dev);
            xml.WriteAttributeString("schema", "maml");
            MamlWriter writer = new(xml);
            foreach (CmdletPage page in pages)
            {
                writer.WritePage(page);
            }

            xml.WriteEndElement();
        }

        return text.Append('\n').ToString();
    }

    private void WritePage(CmdletPage page)
    {
        _xml.WriteStartElement("command", Command);
        _xml.WriteStartElement("details", Command);
        _xml.WriteElementString("name", Command, page.Name);
        WriteTexts("description", page.Synopsis);
        string[] name = page.Name.Split('-');
        _xml.WriteElementString("verb", Command, name[0]);
        _xml.WriteElementString("noun", Command, name[1]);
        _xml.WriteEndElement();
        WriteTexts("description", page.Description);
        _xml.WriteStartElement("syntax", Command);
        foreach (SyntaxItem item in page.Syntax)
        {
            WriteSyntax(page, item);
        }

        _xml.WriteEndElement();
        _xml.WriteStartElement("parameters", Command);
        foreach (Parameter parameter in page.Parameters)
        {
            WriteParameter(page, parameter);
        }

        _xml.WriteEndElement();
        WriteTypes("inputTypes", "inputType", page.Inputs);
        WriteTypes("returnValues", "returnValue", page.Outputs);
        _xml.WriteStartElement("alertSet", Maml);
        WriteTexts("alert", page.Notes);
        _xml.WriteEndElement();
        _xml.WriteStartElement("examples", Command);
        foreach (Example example in page.Examples)
        {
            WriteExample(example);
        }

        _xml.WriteEndElement();
        _xml.WriteStartElement("relatedLinks", Command);
        foreach (Link link in page.Links)
        {
            _xml.WriteStartElement("navigationLink", Maml);
            _xml.WriteElementString("linkText", Maml, link.Text);

            // The other pages are found by Get-Help: a file's name is no address.
            _xml.WriteElementString("uri", Maml, link.Address.StartsWith("https:", StringComparison.Ordinal) ? link.Address : string.Empty);
            _xml.WriteEndElement();
        }

        _xml.WriteEndElement();
        _xml.WriteEndElement();
    }

    private void WriteSyntax(CmdletPage page, SyntaxItem item)
    {
        _xml.WriteStartElement("syntaxItem", Command);
        _xml.WriteElementString("name", Maml, page.Name);
        foreach (SyntaxParameter told in item.Parameters)
        {
            Parameter parameter = page.Parameters.First(one => one.Name == told.Name);
            ParameterSet set = CmdletPageReader.SetOf(parameter, item.Set)!;
            BeginParameter(parameter, told.IsRequired, "false", set.Position == "Named" ? "named" : set.Position);
            WriteTexts("description", []);
            if (told.ValueType is not null)
            {
                WriteValue(told.ValueType, isVariable: false);
            }

            WriteType(parameter.Type);
            _xml.WriteEndElement();
        }

        _xml.WriteEndElement();
    }

    private void WriteParameter(CmdletPage page, Parameter parameter)
    {
        // Get-Help has one position for all sets: that of the default one, where the parameter is in it.
        SyntaxItem? usual = page.Syntax.FirstOrDefault(item => item.IsDefault);
        ParameterSet set = (usual is null ? null : CmdletPageReader.SetOf(parameter, usual.Set)) ?? parameter.Sets[0];
        BeginParameter(parameter, set.IsRequired, PipelineInput(parameter), set.Position);
        WriteTexts("description", parameter.Description);
        if (parameter.Type != "System.Management.Automation.SwitchParameter")
        {
            WriteValue(parameter.Type, isVariable: true);
        }

        WriteType(parameter.Type);
        if (parameter.DefaultValue.Length > 0)
        {
            _xml.WriteElementString("defaultValue", Dev, parameter.DefaultValue);
        }

        _xml.WriteEndElement();
    }

    private void BeginParameter(Parameter parameter, bool isRequired, string pipelineInput, string position)
    {
        _xml.WriteStartElement("parameter", Command);
        _xml.WriteAttributeString("required", isRequired ? "true" : "false");
        _xml.WriteAttributeString("variableLength", "false");
        _xml.WriteAttributeString("globbing", parameter.SupportsWildcards ? "true" : "false");
        _xml.WriteAttributeString("pipelineInput", pipelineInput);
        _xml.WriteAttributeString("position", position);
        _xml.WriteAttributeString("aliases", parameter.Aliases.Count > 0 ? string.Join(", ", parameter.Aliases) : "none");
        _xml.WriteElementString("name", Maml, parameter.Name);
    }

    private static string PipelineInput(Parameter parameter)
    {
        string[] ways =
        [
            .. parameter.Sets.Any(set => set.FromPipeline) ? ["ByValue"] : (string[])[],
            .. parameter.Sets.Any(set => set.FromPipelineByPropertyName) ? ["ByPropertyName"] : (string[])[],
        ];
        return ways.Length > 0 ? $"true ({string.Join(", ", ways)})" : "false";
    }

    private void WriteValue(string type, bool isVariable)
    {
        _xml.WriteStartElement("parameterValue", Command);
        _xml.WriteAttributeString("required", "true");
        _xml.WriteAttributeString("variableLength", isVariable ? "true" : "false");
        _xml.WriteString(type);
        _xml.WriteEndElement();
    }

    private void WriteType(string type)
    {
        _xml.WriteStartElement("type", Dev);
        _xml.WriteElementString("name", Maml, type);
        _xml.WriteEndElement();
    }

    private void WriteTypes(string list, string element, IEnumerable<TypeText> types)
    {
        _xml.WriteStartElement(list, Command);
        foreach (TypeText type in types)
        {
            _xml.WriteStartElement(element, Command);
            WriteType(type.Type);
            WriteTexts("description", type.Description);
            _xml.WriteEndElement();
        }

        _xml.WriteEndElement();
    }

    private void WriteExample(Example example)
    {
        _xml.WriteStartElement("example", Command);
        _xml.WriteElementString("title", Maml, $"--------- {PlainText.Of(example.Title)} ---------");

        // Get-Help puts no line between these words and the code, and one too few after what the code shows.
        WriteTexts("introduction", example.Introduction.Length > 0 ? [$"{string.Join("\n\n", example.Introduction)}\n\n"] : []);
        _xml.WriteElementString("code", Dev, example.Code);
        _xml.WriteStartElement("remarks", Dev);
        WriteText(example.Remarks);
        WriteText(string.Empty);
        _xml.WriteEndElement();
        _xml.WriteEndElement();
    }

    private void WriteTexts(string element, IEnumerable<string> texts)
    {
        _xml.WriteStartElement(element, Maml);
        foreach (string text in texts)
        {
            WriteText(text);
        }

        _xml.WriteEndElement();
    }

    private void WriteText(string text) => _xml.WriteElementString("para", Maml, PlainText.Of(text));
}
