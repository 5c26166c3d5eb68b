#Requires -Version 7.4
<#
.SYNOPSIS
    Makes what Get-Help reads, in src/Amp.PowerShell/en-US, of docs/help/*.md.
.DESCRIPTION
    'build.ps1 Help' builds the module and runs this. The result is committed, so that no build needs platyPS. First the Markdown
    gets the parameters, types and syntax of the built module; a new cmdlet gets a page with {{ places to fill in }}, which a test
    refuses. Then platyPS makes the help file, and what Get-Help would show wrongly of it is put right here: Markdown's
    marks and examples in one piece.
#>
[CmdletBinding()]
param(
    # The folder of the Markdown pages.
    [string] $Markdown = (Join-Path $PSScriptRoot '..' 'docs' 'help'),

    # The folder that the help file is written to.
    [string] $Destination = (Join-Path $PSScriptRoot '..' 'src' 'Amp.PowerShell' 'en-US'),

    # Leaves the Markdown as it is.
    [switch] $NoUpdate
)

$ErrorActionPreference = 'Stop'
Import-Module Microsoft.PowerShell.PlatyPS -MinimumVersion 1.0.0
$fileName = 'Amp.PowerShell.dll-Help.xml'
$utf8 = [System.Text.UTF8Encoding]::new($false)
$work = (New-Item -ItemType Directory (Join-Path ([System.IO.Path]::GetTempPath()) "amp-help-$([guid]::NewGuid().ToString('N'))")).FullName

function Write-Text([string] $Path, [string] $Text) {
    [System.IO.File]::WriteAllText($Path, $Text.ReplaceLineEndings("`n").TrimEnd() + "`n", $utf8)
}

# What platyPS writes of a page, without what changes from day to day and what this module hides.
function Format-Page([string] $Text, [System.Management.Automation.CommandInfo] $Command) {
    $Text = $Text.ReplaceLineEndings("`n") -replace '(?m)^ms\.date:.*\n'
    $hidden = $Command.Parameters.Values | Where-Object { $_.Attributes.Where{ $_ -is [Parameter] -and $_.DontShow } } | ForEach-Object Name
    foreach ($name in $hidden) {
        $Text = $Text -replace "(?ms)^### -$name\n.*?(?=^##)" -replace "\s\[-$name(?: <\w+>)?\]"
    }

    $Text = $Text -replace '(?ms)^## ALIASES\n.*?(?=^## )', "## ALIASES`n`nThis cmdlet has no aliases.`n`n"

    # The sentences that platyPS has for these two, also behind those of the page.
    $Text = $Text -replace '(?m)(?<=\S\n)(?:Runs the command in a mode that only|Prompts you for confirmation before).*\n'
    $Text -replace '\n{3,}', "`n`n"
}

function Sync-Page {
    # A copy without the help file: platyPS would add what Get-Help says to what stands in the page.
    Copy-Item -Recurse (Join-Path $PSScriptRoot '..' 'out' 'Amp') $work
    Remove-Item (Join-Path $work 'Amp' '*' $fileName)
    $module = Import-Module (Join-Path $work 'Amp' 'Amp.psd1') -PassThru
    foreach ($command in $module.ExportedCmdlets.Values | Sort-Object Name) {
        $page = Join-Path $Markdown "$($command.Name).md"
        $copy = Join-Path $work "$($command.Name).md"
        if (Test-Path -LiteralPath $page) {
            Copy-Item -LiteralPath $page $copy
            $null = Update-MarkdownCommandHelp -Path $copy -NoBackup
        } else {
            $copy = (New-MarkdownCommandHelp -CommandInfo $command -OutputFolder $work -Force).FullName
        }

        Write-Text $page (Format-Page (Get-Content -Raw -LiteralPath $copy) $command)
    }
}

# Text for a console: without the marks of Markdown.
function ConvertTo-PlainText([string] $Text) {
    $Text -replace '(?m)^```.*\n?' -replace '\[([^\]]+)\]\([^)]+\)', '$1' -replace '`([^`]*)`', '$1' -replace '\*\*([^*]+)\*\*', '$1'
}

function Add-Text([System.Xml.XmlElement] $Parent, [string[]] $Text) {
    foreach ($one in $Text) {
        $paragraph = $Parent.AppendChild($Parent.OwnerDocument.CreateElement('maml', 'para', $maml))
        $paragraph.InnerText = $one
    }
}

# An example in the parts that Get-Help has for it: words, code, and what the code shows. What platyPS makes of it is words alone, and
# lacks the blanks before lines.
function Repair-Example([System.Xml.XmlElement] $Example, [string] $Text) {
    $fence = '(?s)^(.*?)```powershell\n(.*?)\n```(.*)$'
    if ($Text.ReplaceLineEndings("`n") -notmatch $fence) {
        throw "An example has no code: $Text"
    }

    $words, $code, $shown = $Matches[1..3]
    $introduction = $Example.SelectSingleNode('maml:introduction', $names)
    $introduction.RemoveAll()
    if ($words.Trim()) {
        # Get-Help puts no line between these words and the code.
        Add-Text $introduction "$(ConvertTo-PlainText $words.Trim())`n`n"
    }

    $Example.SelectSingleNode('dev:code', $names).InnerText = $code
    Add-Text ($Example.SelectSingleNode('dev:remarks', $names)) (ConvertTo-PlainText $shown).Trim("`n"), ''
    $title = $Example.SelectSingleNode('maml:title', $names)
    $title.InnerText = ConvertTo-PlainText $title.InnerText
}

# platyPS leaves the default values out.
function Add-DefaultValue([xml] $Document, [object[]] $Pages) {
    foreach ($page in $Pages) {
        foreach ($parameter in $page.Parameters | Where-Object DefaultValue) {
            $path = "//command:command[command:details/command:name='$($page.Title)']" +
                "/command:parameters/command:parameter[maml:name='$($parameter.Name)']"
            $element = $Document.SelectSingleNode($path, $names)
            $value = $element.AppendChild($Document.CreateElement('dev', 'defaultValue', $names.LookupNamespace('dev')))
            $value.InnerText = $parameter.DefaultValue
        }
    }
}

function Repair-Maml([xml] $Document, [object[]] $Pages) {
    $texts = @($Pages | ForEach-Object Examples | ForEach-Object Remarks)
    $examples = @($Document.SelectNodes('//command:example', $names))
    for ($i = 0; $i -lt $examples.Count; $i++) {
        Repair-Example $examples[$i] $texts[$i]
    }

    foreach ($paragraph in @($Document.SelectNodes('//maml:para[not(ancestor::command:example)]', $names))) {
        if ($paragraph.InnerText.Trim([char] 0x80, ' ')) {
            $paragraph.InnerText = ConvertTo-PlainText $paragraph.InnerText
        } else {
            $null = $paragraph.ParentNode.RemoveChild($paragraph)
        }
    }

    # There is no version of the page online, and the others are found by Get-Help: a file's name is no address.
    foreach ($link in @($Document.SelectNodes('//maml:navigationLink', $names))) {
        $uri = $link.SelectSingleNode('maml:uri', $names)
        if ($link.SelectSingleNode('maml:linkText', $names).InnerText -eq 'Online Version') {
            $null = $link.ParentNode.RemoveChild($link)
        } elseif ($uri.InnerText -notlike 'https:*') {
            $uri.InnerText = ''
        }
    }
}

try {
    if (-not $NoUpdate) {
        Sync-Page
    }

    $pages = Get-ChildItem -Path (Join-Path $Markdown '*-*.md') | Sort-Object Name | Import-MarkdownCommandHelp
    $pages | Export-MamlCommandHelp -OutputFolder $work -Force | Out-Null
    $document = [xml]::new()
    $document.Load((Get-ChildItem $work -Recurse -Filter $fileName).FullName)
    $maml = 'http://schemas.microsoft.com/maml/2004/10'
    $names = [System.Xml.XmlNamespaceManager]::new($document.NameTable)
    $names.AddNamespace('maml', $maml)
    $names.AddNamespace('command', 'http://schemas.microsoft.com/maml/dev/command/2004/10')
    $names.AddNamespace('dev', 'http://schemas.microsoft.com/maml/dev/2004/10')
    Repair-Maml $document $pages
    Add-DefaultValue $document $pages
    $text = [System.IO.StringWriter]::new()
    $document.Save($text)
    & (Join-Path $PSScriptRoot 'Build-AboutHelp.ps1') -Markdown $Markdown -Destination $Destination
    Write-Text (Join-Path $Destination $fileName) ($text.ToString() -replace 'encoding="utf-16"', 'encoding="utf-8"')
} finally {
    Remove-Item -LiteralPath $work -Recurse -Force
}
