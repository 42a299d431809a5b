import { expect, it } from 'vitest';
import { parseMetadata } from './metadata.js';

it('reads sets, types and labels of version 2', () => {
  const text = `<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="1.0" xmlns:edmx="urn:edmx" xmlns:sap="urn:sap"><edmx:DataServices>
<Schema Namespace="API_X"><EntityType Name="A_ThingType" sap:label="Thing">
<Key><PropertyRef Name="Thing"/></Key>
<Property Name="Thing" Type="Edm.String" MaxLength="40" sap:label="Thing number"/>
<Property Name="YY1_Fit_PRD" Type="Edm.Decimal" Precision="13" Scale="3"/>
<NavigationProperty Name="to_Other" Relationship="r" FromRole="f" ToRole="t"/></EntityType>
<EntityContainer Name="c"><EntitySet Name="A_Thing" EntityType="API_X.A_ThingType"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>`;
  expect(parseMetadata(Buffer.from(text))).toEqual([
    {
      name: 'A_Thing',
      navigations: ['to_Other'],
      properties: [
        { name: 'Thing', type: 'Edm.String(40)', label: 'Thing number' },
        { name: 'YY1_Fit_PRD', type: 'Edm.Decimal(13,3)', label: null },
      ],
    },
  ]);
});

it('finds the labels of version 4 where they are kept', () => {
  const text = `<edmx:Edmx xmlns:edmx="e"><edmx:DataServices><Schema Namespace="com.x">
<EntityType Name="Note"><Property Name="Text" Type="Edm.String"/></EntityType>
<EntityContainer Name="c"><EntitySet Name="Notes" EntityType="com.x.Note"/></EntityContainer>
<Annotations Target="com.x.Note/Text"><Annotation Term="Common.Label" String="Words"/></Annotations>
</Schema></edmx:DataServices></edmx:Edmx>`;
  expect(parseMetadata(Buffer.from(text))[0]?.properties).toEqual([
    { name: 'Text', type: 'Edm.String', label: 'Words' },
  ]);
});
